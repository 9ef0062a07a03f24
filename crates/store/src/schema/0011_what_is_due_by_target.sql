-- What is due is sought target by target: one that is slower than what comes for it holds up no other, however much waits.
CREATE INDEX delivery_due_of_target ON delivery (target, next_attempt_at, id, taken_until, in_order, state) WHERE state = 0;
