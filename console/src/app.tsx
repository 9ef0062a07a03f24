// The frame: what is above, beside and below every page; who signed in; which page an address means.
import AppLayout from '@cloudscape-design/components/app-layout';
import SideNavigation from '@cloudscape-design/components/side-navigation';
import SplitPanel from '@cloudscape-design/components/split-panel';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { type ApiError, signOut, useGet } from './api';
import type { Session } from './api-types';
import { Help, useShortcuts } from './parts/keys';
import { useLive } from './parts/live';
import { News } from './parts/news';
import { type Panel, PanelContext } from './parts/panel';
import { SessionContext } from './parts/session';
import { Failed, Loading, Refused } from './parts/states';
import { toggleTheme, useIsDark } from './parts/theme';
import { SignIn } from './pages/sign-in';
import { ErrorBoundary } from './parts/boundary';

const Overview = lazy(() => import('./pages/overview'));
const Insights = lazy(() => import('./pages/insights'));
const Insight = lazy(() => import('./pages/insight'));
const Events = lazy(() => import('./pages/events'));
const Lake = lazy(() => import('./pages/lake'));
const Series = lazy(() => import('./pages/series'));
const Rules = lazy(() => import('./pages/rules'));
const Trails = lazy(() => import('./pages/trails'));
const Expected = lazy(() => import('./pages/expected'));

/** Every page that the navigation leads to. To add one: write its file, name it here and in the table of routes below. */
const PAGES = [
  { href: '/', text: 'Overview', key: 'o' },
  { href: '/insights', text: 'Insights', key: 'i' },
  { href: '/series', text: 'API explorer', key: 'a' },
  { href: '/events', text: 'Event history', key: 'e' },
  { href: '/lake', text: 'Lake', key: 'l' },
  { href: '/rules', text: 'Rules and topics', key: 'r' },
  { href: '/trails', text: 'Trails and learning', key: 't' },
  { href: '/expected', text: 'Expected changes', key: 'c' },
];

const PANEL_WORDS = {
  closeButtonAriaLabel: 'Close the panel', openButtonAriaLabel: 'Open the panel', preferencesTitle: 'Where the panel is', preferencesPositionLabel: 'Place', preferencesPositionDescription: 'Beside the page, or below it.',
  preferencesPositionSide: 'Beside', preferencesPositionBottom: 'Below', preferencesConfirm: 'Take it', preferencesCancel: 'Cancel', preferencesCloseAriaLabel: 'Close', resizeHandleAriaLabel: 'Change the size of the panel', resizeHandleTooltipText: 'Drag, or choose',
};

export function App() {
  const session = useGet<Session>('session', {}, { refetchInterval: 60_000 });
  const [path, navigate] = useLocation();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [stays, setStays] = useState<ApiError | null>(null);
  const [panel, setPanel] = useState<Panel | null>(null);
  const [panelPlace, setPanelPlace] = useState<'side' | 'bottom'>('side');
  const isDark = useIsDark();
  const queries = useQueryClient();
  useShortcuts(PAGES, navigate, () => setHelpOpen(true));
  // Whoever was signed in and is no longer is asked to sign in again, and comes back to where they were.
  useEffect(
    () =>
      queries.getQueryCache().subscribe(event => {
        const error = event.query.state.error as { isSignedOut?: boolean } | null;
        if (event.type === 'updated' && error?.isSignedOut && event.query.queryKey[0] !== 'session') {
          void queries.invalidateQueries({ queryKey: ['session'] });
        }
      }),
    [queries],
  );
  const live = useLive(session.data?.isSignedIn === true);
  const count = live.now?.ongoing ?? 0;
  const page = PAGES.slice(1).find(one => path.startsWith(one.href)) ?? PAGES[0]!;
  useEffect(() => {
    document.title = `${count ? `(${count}) ` : ''}${page.text} – Trailsight`;
  }, [count, page.text]);

  const me = session.data;
  const signedIn = me?.isSignedIn;
  return (
    <>
      <a className="skip" href="#main" onClick={event => { event.preventDefault(); document.getElementById('main')?.focus(); }}>
        To the content
      </a>
      <div id="top">
        <TopNavigation
          identity={{
            href: '/console/',
            title: 'Trailsight',
            logo: { src: '/console/icon.svg', alt: 'Logo' },
            onFollow: event => { event.preventDefault(); navigate('/'); },
          }}
          utilities={[
            { type: 'button', text: isDark ? 'Light mode' : 'Dark mode', onClick: toggleTheme },
            { type: 'button', text: 'Keys', onClick: () => setHelpOpen(true) },
            ...(signedIn
              ? [{
                  type: 'menu-dropdown' as const,
                  text: me.accessKey ?? `${me.account} / ${me.region}`,
                  description: `${me.account} / ${me.region}, version ${me.version}`,
                  items: [
                    { id: 'api', text: 'The API of this page', href: '/api/console/v1/openapi.json', external: true },
                    ...(me.demandsCredentials ? [{ id: 'out', text: 'Sign out' }] : []),
                  ],
                  onItemClick: ({ detail }: { detail: { id: string } }) => {
                    if (detail.id === 'out') void signOut().then(() => { queries.clear(); window.location.reload(); }, (error: ApiError) => setStays(error));
                  },
                }]
              : []),
          ]}
          i18nStrings={{ overflowMenuTriggerText: 'More', overflowMenuTitleText: 'All', overflowMenuBackIconAriaLabel: 'Back', overflowMenuDismissIconAriaLabel: 'Close' }}
        />
      </div>
      {session.isPending ? (
        <Loading what="the console" />
      ) : !me ? (
        <Failed error={session.error!} what="the console" retry={() => void session.refetch()} />
      ) : !me.isSignedIn ? (
        <SignIn done={() => void queries.invalidateQueries()} />
      ) : (
        <SessionContext.Provider value={me}>
          <AppLayout
            headerSelector="#top"
            toolsHide
            splitPanel={panel ? (
              <SplitPanel header={panel.title} closeBehavior="hide" i18nStrings={PANEL_WORDS}>{panel.content}</SplitPanel>
            ) : undefined}
            splitPanelOpen={panel !== null}
            onSplitPanelToggle={({ detail }) => { if (!detail.open) panel?.close(); }}
            splitPanelPreferences={{ position: panelPlace }}
            onSplitPanelPreferencesChange={({ detail }) => setPanelPlace(detail.position)}
            ariaLabels={{ navigation: 'Pages', navigationClose: 'Close the navigation', navigationToggle: 'Open the navigation', notifications: 'Notices' }}
            navigation={
              <SideNavigation
                activeHref={page.href}
                items={PAGES.map(one => ({
                  type: 'link' as const,
                  text: one.text,
                  href: one.href,
                  ...(one.href === '/insights' && count ? { info: <span className="score score-high">{count}<span className="visually-hidden"> ongoing</span></span> } : {}),
                }))}
                onFollow={event => {
                  event.preventDefault();
                  navigate(event.detail.href);
                }}
              />
            }
            notifications={<>{stays && <Refused error={stays} what="You are still signed in" />}<News live={session.error?.isOffline ? { now: live.now, error: session.error } : live} navigate={navigate} /></>}
            content={
              <div id="main" tabIndex={-1} style={{ outline: 'none' }}>
                <ErrorBoundary key={path}>
                 <PanelContext.Provider value={setPanel}>
                  <Suspense fallback={<Loading what="the page" />}>
                    <Switch>
                      <Route path="/"><Overview /></Route>
                      <Route path="/insights"><Insights /></Route>
                      <Route path="/insights/:id">{({ id }) => <Insight id={id} key={id} />}</Route>
                      <Route path="/series"><Series /></Route>
                      <Route path="/events"><Events /></Route>
                      <Route path="/lake"><Lake /></Route>
                      <Route path="/rules"><Rules /></Route>
                      <Route path="/trails"><Trails /></Route>
                      <Route path="/expected"><Expected /></Route>
                      <Route><Redirect to="/" replace /></Route>
                    </Switch>
                  </Suspense>
                 </PanelContext.Provider>
                </ErrorBoundary>
              </div>
            }
          />
        </SessionContext.Provider>
      )}
      <footer id="bottom" className="footer">
        Trailsight, open and self-hosted. Not affiliated with AWS. Times are UTC; rest the pointer on one to see yours.
      </footer>
      <Help isOpen={isHelpOpen} close={() => setHelpOpen(false)} pages={PAGES} />
    </>
  );
}
