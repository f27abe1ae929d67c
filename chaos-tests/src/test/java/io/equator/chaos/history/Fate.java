package io.equator.chaos.history;

/** What a client knows of an operation. */
public enum Fate {
  /** Answered: it took effect before the answer came. */
  DONE,
  /** Refused: it never takes effect. */
  REFUSED,
  /** No answer, or one that says nothing: it takes effect at some time since, or never. */
  UNKNOWN
}
