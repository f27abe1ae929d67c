package io.equator.server;

/** How log lines look. */
public enum LogFormat {
  /** One line of text each, for people. */
  TEXT,
  /** One JSON object a line, for what collects logs; see {@link JsonLogEncoder}. */
  JSON
}
