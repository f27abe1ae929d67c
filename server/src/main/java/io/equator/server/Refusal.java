package io.equator.server;

/**
 * Why a command cannot do what was asked, as one clear sentence for the person at the terminal.
 *
 * <p>The command prints the sentence and ends with exit code 1; no stack trace is shown, so the
 * sentence has to say everything: what is in the way, and what to do about it.
 */
public final class Refusal extends RuntimeException {

  public Refusal(String sentence) {
    super(sentence);
  }

  public Refusal(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
