package io.equator.coordinator.api;

import io.equator.model.error.ApiError;

/** Tells who sent a request, or why it is refused. */
public interface RequestAuthenticator {
  /** Looks at the head, and at the body whose hash the signature covers; must not block. */
  Outcome authenticate(RequestHead head, byte[] body, int offset, int length);

  /** What came of it. */
  sealed interface Outcome {
    /** The request is this caller's. */
    record Accepted(Caller caller) implements Outcome {}

    /** The request is answered with this error. */
    record Refused(ApiError error) implements Outcome {}
  }
}
