-- How far the promise of a hand-over has been followed up: each stage once, however often the box starts or its clock is set.
ALTER TABLE escalations ADD COLUMN sla_stage TEXT NOT NULL DEFAULT 'untold'
    CHECK (sla_stage IN ('untold', 'reminded', 'missed', 'missed_again'));
CREATE INDEX tickets_resolved ON tickets (resolved_at) WHERE status = 'resolved';
