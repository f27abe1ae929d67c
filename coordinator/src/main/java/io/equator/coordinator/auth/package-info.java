/**
 * Who sent a request: verification of AWS Signature Version 4, and the credentials of the cluster.
 *
 * <p><b>May import</b> {@code coordinator.api}, {@code replication.catalog} and the JDK. <b>Must
 * not</b> import HTTP or gRPC.
 *
 * <p><b>Always true:</b> nothing is answered before the signature was compared, in a time that does
 * not depend on where it differs; a secret is in no message, log line or {@code toString}.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.auth.SignatureAuthenticator}.
 */
@NullMarked
package io.equator.coordinator.auth;

import org.jspecify.annotations.NullMarked;
