//! The paths that patterns name, as a tree: which of an object's keys are worth a look.
//!
//! `{"a.b": …}` and `{"a": {"b": …}}` are the same path, in patterns and in events. So a node knows not only its children but
//! all that is below it, by their keys joined with dots: one look-up a key is enough, whatever the key.

use rustc_hash::FxHashMap;

/// A node's number.
pub(super) type NodeId = u32;
pub(super) const ROOT: NodeId = 0;

/// Where some paths are, and some lead on.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// The path that ends here.
    pub(super) column: Option<u32>,
    /// Whether paths lead on.
    pub(super) leads_on: bool,
    below: FxHashMap<Box<[u8]>, NodeId>,
    /// Which pairs of a key's length and last character there are, hashed to 64: most keys of events need no look-up.
    shapes: u64,
}

#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Default for Tree {
    fn default() -> Tree {
        Tree { nodes: vec![Node::default()] }
    }
}

fn shape(key: &[u8]) -> u64 {
    let last = key.last().map_or(0, |last| usize::from(*last));
    1 << ((key.len() * 7 + last) % 64)
}

impl Node {
    /// The node below this one that a key leads to.
    pub(super) fn below(&self, key: &[u8]) -> Option<NodeId> {
        if self.shapes & shape(key) == 0 {
            return None;
        }
        self.below.get(key).copied()
    }
}

impl Tree {
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    /// The column of a path; a path that is not there yet gets the next one.
    pub(super) fn column(&mut self, path: &str, next: u32) -> u32 {
        // From every node on the way a key leads to every later one.
        let mut way = vec![(0, ROOT)];
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        for end in ends {
            let (start, parent) = *way.last().expect("it begins at the root");
            let id = match self.nodes[parent as usize].below.get(&path.as_bytes()[start..end]) {
                Some(id) => *id,
                None => {
                    let id = self.nodes.len() as NodeId;
                    self.nodes.push(Node::default());
                    for (start, ancestor) in &way {
                        let key = &path.as_bytes()[*start..end];
                        let ancestor = &mut self.nodes[*ancestor as usize];
                        ancestor.leads_on = true;
                        ancestor.shapes |= shape(key);
                        ancestor.below.insert(key.into(), id);
                    }
                    id
                }
            };
            way.push((end + 1, id));
        }
        let (_, last) = *way.last().expect("it begins at the root");
        *self.nodes[last as usize].column.get_or_insert(next)
    }
}
