package io.equator.server.observe;

import io.equator.model.error.ErrorCode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a request ended, in the four words that alerts are made of. */
enum Outcome {
  /** Done as asked. */
  SUCCESS,
  /** The request is to blame. */
  USER_ERROR,
  /** Refused for now, by capacity or because queues are full. */
  THROTTLED,
  /** We are to blame: the answer had a status of 500 or more. */
  SYSTEM_ERROR;

  private final String label = name().toLowerCase(Locale.ROOT);

  static Outcome of(@Nullable ErrorCode error) {
    if (error == null) {
      return SUCCESS;
    }
    return switch (error) {
      case THROTTLING, PROVISIONED_THROUGHPUT_EXCEEDED, REQUEST_LIMIT_EXCEEDED -> THROTTLED;
      default -> error.httpStatus() >= 500 ? SYSTEM_ERROR : USER_ERROR;
    };
  }

  /** As it stands in a scrape. */
  String label() {
    return label;
  }
}
