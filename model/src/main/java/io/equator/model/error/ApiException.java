package io.equator.model.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Carries an {@link ApiError} out of a parser or validator to the edge, which turns it into a value
 * again.
 *
 * <p>It has no stack trace and cannot be suppressed: refusing a request is an ordinary answer and
 * must cost no more than one.
 */
public final class ApiException extends RuntimeException {
  private final transient ApiError error;

  /** Wraps an error. */
  public ApiException(ApiError error) {
    super(error.message(), null, false, false);
    this.error = Objects.requireNonNull(error);
  }

  /** A {@code ValidationException} with this text. */
  public static ApiException validation(String message) {
    return new ApiException(ApiError.validation(message));
  }

  /** An error of this code and text. */
  public static ApiException of(ErrorCode code, @Nullable String message) {
    return new ApiException(new ApiError(code, message, null));
  }

  /** The error to answer with. */
  public ApiError error() {
    return error;
  }
}
