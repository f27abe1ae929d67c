package io.equator.coordinator.http;

import java.util.SplittableRandom;

/** What the connections of one event loop share, since only one of them is served at a time. */
final class LoopState {
  private static final int INPUT_LENGTH = 72 << 10;
  private static final int INPUT_KEPT_MAX = 1 << 20;

  /** The head of a request that came in one piece. */
  final HttpHead head = new HttpHead();

  final Encoder encoder = new Encoder();

  /** For request ids, which need to differ and not to be secret. */
  final SplittableRandom random = new SplittableRandom();

  private byte[] input = new byte[INPUT_LENGTH];

  /** An array of at least this length, to be used until the call that asks for it returns. */
  byte[] input(int length) {
    if (input.length < length || (input.length > INPUT_KEPT_MAX && length <= INPUT_KEPT_MAX)) {
      input = new byte[Math.max(length, INPUT_LENGTH)];
    }
    return input;
  }
}
