package io.equator.coordinator.api;

/**
 * Who sent a request.
 *
 * @param accountId twelve digits
 * @param accessKeyId the key that signed it
 */
public record Caller(String accountId, String accessKeyId) {}
