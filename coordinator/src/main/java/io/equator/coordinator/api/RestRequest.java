package io.equator.coordinator.api;

/**
 * One request to a {@link RestService}. The head and the bytes of the body are the edge's: they may
 * be read until {@link RestService#handle} returns and not after.
 *
 * @param method in upper case
 * @param path as sent, without the query
 */
@SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
public record RestRequest(
    String method,
    String path,
    RequestHead head,
    byte[] body,
    int offset,
    int length,
    RequestId requestId) {}
