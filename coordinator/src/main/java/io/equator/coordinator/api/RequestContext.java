package io.equator.coordinator.api;

/**
 * What is known of a request besides its body.
 *
 * @param requestId names the request in the answer and in the log
 * @param caller who signed it
 * @param host the {@code Host} header as sent, empty when there is none
 */
public record RequestContext(RequestId requestId, Caller caller, String host) {}
