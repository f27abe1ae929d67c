package io.equator.coordinator.tls;

import java.nio.file.Path;

/**
 * Where the server's certificate is.
 *
 * @param certificate the chain, PEM, the server's own certificate first
 * @param privateKey its key, PEM (PKCS #8), not encrypted
 */
public record TlsFiles(Path certificate, Path privateKey) {}
