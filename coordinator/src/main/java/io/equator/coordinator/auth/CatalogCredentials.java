package io.equator.coordinator.auth;

import io.equator.proto.CatalogObject;
import io.equator.proto.CredentialDescriptor;
import io.equator.replication.catalog.CatalogSnapshot;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The credentials that stand in the catalog; the copy here is asked, so it works without it. */
public final class CatalogCredentials implements Credentials {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogCredentials.class);

  private final Supplier<CatalogSnapshot> catalog;
  private final CredentialSeal seal;

  /** Those of this copy of the catalog, hidden by this seal. */
  public CatalogCredentials(Supplier<CatalogSnapshot> catalog, CredentialSeal seal) {
    this.catalog = catalog;
    this.seal = seal;
  }

  @Override
  public Optional<Secret> find(String accessKeyId) {
    Optional<CatalogObject> object = catalog.get().credential(accessKeyId);
    if (object.isEmpty() || object.get().getCredential().getDisabled()) {
      return Optional.empty();
    }
    CredentialDescriptor credential = object.get().getCredential();
    try {
      return Optional.of(
          new Secret(
              seal.open(accessKeyId, credential.getSealedSecret().toByteArray()),
              object.get().getVersion()));
    } catch (IllegalArgumentException e) {
      LOG.error("{}: this node's credentials.key is not the cluster's", e.getMessage());
      return Optional.empty();
    }
  }
}
