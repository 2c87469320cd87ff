"""The phases of a compile, one module each: input and a report in, output out, and nothing else touched."""
