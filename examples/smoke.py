"""Asks the model of a profile one real question, whole and as a stream, and says what came back.

    python examples/smoke.py [PROFILE] [--build DIR]

The profile is the argument, else $PINOCCHIO_PROFILE, else gemini-2.5-flash-lite; the build is DIR, else
$ENGINE_PROFILES_BUILD, else ./build. Exit code 0: it answered. 1: it did not, and why. 2: a credential is missing.
"""

from __future__ import annotations

import argparse
import os
import sys

import engineprofiles as ep

DEFAULT = "gemini-2.5-flash-lite"
QUESTION = "Answer with the one word READY."


def main() -> int:
    parser = argparse.ArgumentParser(description="Ask the model of a profile one real question.")
    parser.add_argument("profile", nargs="?", default=os.environ.get("PINOCCHIO_PROFILE") or DEFAULT)
    parser.add_argument("--build", help="the build directory")
    arguments = parser.parse_args()
    try:
        with ep.engines.from_profile(arguments.profile, build=arguments.build) as engine:
            ask(engine)
    except ep.MissingCredential as error:
        print(f"not asked: {error}", file=sys.stderr)
        return 2
    except ep.EngineProfilesError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 1
    return 0


def ask(engine: ep.Engine) -> None:
    endpoint = engine.endpoint()
    print(f"{engine.name}: {endpoint.model} at {endpoint.host} over {endpoint.protocol}")
    reply = engine.run(QUESTION)
    print(f"run:    {reply.text.strip()!r}, {reply.finish_reason}, {reply.usage}, {price(reply.cost)}")
    *deltas, last = engine.stream(QUESTION)
    text = "".join(delta.text for delta in deltas).strip()
    print(f"stream: {text!r} in {len(deltas)} pieces, {last.finish_reason}, {last.usage}, {price(last.cost)}")


def price(cost: float | None) -> str:
    return "price unknown" if cost is None else f"{cost:.8f} USD"


if __name__ == "__main__":
    sys.exit(main())
