/**
 * The certificate that the server shows, when none is given: a self-signed one, made once and kept.
 *
 * <p><b>May import</b> the JDK and Bouncy Castle, which shows in no other package. <b>Must not</b>
 * import Netty: it reads the files by itself.
 *
 * <p><b>Always true:</b> the private key is readable by its owner only, and is never replaced while
 * its certificate is good.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.tls.SelfSignedCertificate}.
 */
@NullMarked
package io.equator.coordinator.tls;

import org.jspecify.annotations.NullMarked;
