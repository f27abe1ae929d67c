package io.equator.model.error;

/**
 * Why something was throttled: one element of {@code ThrottlingReasons} (API pages of {@code
 * ThrottlingException} and {@code ProvisionedThroughputExceededException}, 2025).
 *
 * @param reason for example {@code IndexWriteProvisionedThroughputExceeded}
 * @param resource the ARN of the table or index that could not take more
 */
public record ThrottlingReason(String reason, String resource) {}
