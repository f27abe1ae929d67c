package io.equator.coordinator.json;

import org.jspecify.annotations.Nullable;

/**
 * Reads one request body into what an operation keeps of it.
 *
 * <p>It is called when the body's opening brace has been read, and returns when {@link
 * WireReader#nextMember()} has said that there is no more. It complains about types only (the
 * reader does that by itself): constraints are checked on the finished request, because DynamoDB
 * checks the types of the whole body first.
 *
 * @param <T> the request
 */
@FunctionalInterface
public interface RequestReader<T extends @Nullable Object> {
  /** Reads the members of the body. */
  T read(WireReader in);
}
