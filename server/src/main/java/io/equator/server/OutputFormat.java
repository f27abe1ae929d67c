package io.equator.server;

/** How a command prints what it found. */
public enum OutputFormat {
  /** For people: aligned columns. */
  TEXT,
  /** For programs: one JSON document on standard output, everything else on standard error. */
  JSON
}
