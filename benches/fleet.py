#!/usr/bin/env python3
"""A fleet of boxes on one broker, simulated: how long customers wait at each box, and what the broker carries.

Every box is a queue of its own (messages come at random, the drafted ones wait for a free place); the broker is one queue that all
boxes' events pass. Nothing here is measured: the parameters are, and their sources stand in docs/SCALING.md. Needs Python alone.

    benches/fleet.py --boxes 1,10,100,1000
"""
import argparse
import heapq
import math
import random

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--boxes", default="1,10,100,1000", help="fleet sizes")
parser.add_argument("--messages-per-hour", type=float, default=60, help="customers' messages at one box in its busiest hour")
parser.add_argument("--drafted", type=float, default=0.6, help="share that is drafted; the rest is decided in milliseconds")
parser.add_argument("--escalated", type=float, default=0.34, help="share that goes to a person")
parser.add_argument("--reply-median-s", type=float, default=2.24, help="a draft alone, median")
parser.add_argument("--reply-p95-s", type=float, default=4.61, help="a draft alone, 95th percentile")
parser.add_argument("--places", type=int, default=1, help="drafts a box and its helpers make at once")
parser.add_argument("--broker-per-s", type=float, required=True, help="messages the broker confirms a second (QoS 1, TLS)")
parser.add_argument("--hours", type=float, default=2)
parser.add_argument("--seed", type=int, default=1)
arguments = parser.parse_args()

SIGMA = math.log(arguments.reply_p95_s / arguments.reply_median_s) / 1.645


def rank(values, share):
    """Nearest rank: a value that occurred."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0


def box(rng, seconds):
    """Waits of one box's drafted messages (arrival to reply), and when it publishes."""
    now, waits, events = 0.0, [], []
    places = [0.0] * arguments.places
    while True:
        now += rng.expovariate(arguments.messages_per_hour / 3600)
        if now > seconds:
            return waits, events
        # tickets/incoming and the channel's topic at once, metrics with the decision, escalations for those to a person.
        events += [now, now]
        done = now + 0.01
        if rng.random() < arguments.drafted:
            start = max(now, heapq.heappop(places))
            done = start + rng.lognormvariate(math.log(arguments.reply_median_s), SIGMA)
            heapq.heappush(places, done)
            waits.append(done - now)
        events.append(done)
        if rng.random() < arguments.escalated:
            events.append(done)


def broker(events):
    """How long each event waits for the broker, and the most it got in one second."""
    free, delays, seconds = 0.0, [], {}
    for at in sorted(events):
        free = max(free, at) + 1 / arguments.broker_per_s
        delays.append(free - at)
        seconds[int(at)] = seconds.get(int(at), 0) + 1
    return delays, max(seconds.values(), default=0)


print(f"{vars(arguments)}")
print("| boxes | messages an hour | reply after, median / p95 | broker: messages/s, mean / busiest second | its load | delay there, p99 |")
print("| --- | --- | --- | --- | --- | --- |")
for count in (int(text) for text in arguments.boxes.split(",")):
    rng, seconds = random.Random(arguments.seed), arguments.hours * 3600
    waits, events = [], []
    for _ in range(count):
        box_waits, box_events = box(rng, seconds)
        waits += box_waits
        events += box_events
    delays, busiest = broker(events)
    mean = len(events) / seconds
    print(
        f"| {count:,} | {count * arguments.messages_per_hour:,.0f} | {rank(waits, 0.5):.1f} / {rank(waits, 0.95):.1f} s "
        f"| {mean:,.1f} / {busiest} | {mean / arguments.broker_per_s:.1%} | {rank(delays, 0.99) * 1000:.1f} ms |"
    )
