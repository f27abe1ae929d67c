package io.equator.coordinator.triggers;

/** An error of Lambda's API. */
final class LambdaException extends RuntimeException {
  private final int status;
  private final String type;
  private final String message;

  private LambdaException(int status, String type, String message) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.message = message;
  }

  /** What is asked for does not fit. */
  static LambdaException invalid(String message) {
    return new LambdaException(400, "InvalidParameterValueException", message);
  }

  /** There is no such mapping or function. */
  static LambdaException notFound(String message) {
    return new LambdaException(404, "ResourceNotFoundException", message);
  }

  /** No mapping has this UUID. */
  static LambdaException noSuchMapping() {
    return notFound("The resource you requested does not exist.");
  }

  /** There is one already, or something refers to it. */
  static LambdaException conflict(String message) {
    return new LambdaException(409, "ResourceConflictException", message);
  }

  /** The mapping is between two states. */
  static LambdaException inUse(String doing) {
    return new LambdaException(
        400,
        "ResourceInUseException",
        "Cannot " + doing + " the event source mapping because it is in use.");
  }

  /** Too many requests at a time. */
  static LambdaException tooMany() {
    return new LambdaException(429, "TooManyRequestsException", "Rate exceeded");
  }

  /** The catalog or a partition does not answer. */
  static LambdaException service() {
    return new LambdaException(500, "ServiceException", "Service is temporarily unavailable.");
  }

  /** An error under another name. */
  static LambdaException of(int status, String type, String message) {
    return new LambdaException(status, type, message);
  }

  int status() {
    return status;
  }

  String type() {
    return type;
  }

  String message() {
    return message;
  }
}
