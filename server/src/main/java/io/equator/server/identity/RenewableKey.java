package io.equator.server.identity;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * This node's key and certificate, for everything that shows them; they may be replaced while it
 * runs. Connections that are open keep what they have shown, new ones show the new one.
 *
 * <p>A handshake asks for an alias first and then for what it stands for. So each pair has an alias
 * of its own, and the one before the newest is kept for handshakes that have just asked.
 */
final class RenewableKey extends X509ExtendedKeyManager {
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Pair(PrivateKey key, X509Certificate[] chain) {}

  private final Map<String, Pair> pairs = new ConcurrentHashMap<>();
  private final AtomicInteger newest = new AtomicInteger();

  /** From now on this pair is shown. */
  synchronized void replace(PrivateKey key, X509Certificate... chain) {
    int next = newest.get() + 1;
    pairs.put(alias(next), new Pair(key, chain.clone()));
    newest.set(next);
    pairs.remove(alias(next - 2));
  }

  /** The certificate that is shown. */
  X509Certificate certificate() {
    Pair pair = pairs.get(alias(newest.get()));
    if (pair == null) {
      throw new IllegalStateException("no certificate has been loaded");
    }
    return pair.chain[0];
  }

  private static String alias(int number) {
    return "node-" + number;
  }

  private String[] aliases() {
    return new String[] {alias(newest.get())};
  }

  @Override
  public String[] getClientAliases(String type, Principal[] issuers) {
    return aliases();
  }

  @Override
  public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
    return alias(newest.get());
  }

  @Override
  public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
    return alias(newest.get());
  }

  /** Keys are P-256: a suite that wants another kind gets none. */
  @Override
  public String @Nullable [] getServerAliases(String type, Principal[] issuers) {
    return type.startsWith("EC") ? aliases() : null;
  }

  @Override
  public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
    return type.startsWith("EC") ? alias(newest.get()) : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String type, Principal[] issuers, SSLEngine engine) {
    return type.startsWith("EC") ? alias(newest.get()) : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    Pair pair = pairs.get(alias);
    return pair == null ? null : pair.chain.clone();
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    Pair pair = pairs.get(alias);
    return pair == null ? null : pair.key;
  }
}
