package io.equator.coordinator.federation;

import com.google.protobuf.ByteString;
import io.equator.proto.CatalogCommitRequest;
import io.equator.proto.CatalogCommitResponse.Outcome;
import io.equator.proto.CatalogObject;
import io.equator.proto.ClusterDescriptor;
import io.equator.proto.IntroductionRequest;
import io.equator.proto.IntroductionResponse;
import io.equator.proto.RegionDescriptor;
import io.equator.proto.RegionInvitation;
import io.equator.replication.catalog.CatalogClient;
import io.equator.replication.catalog.CatalogKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Lets another cluster into the federation as a region, by an invitation that works once.
 *
 * <p><b>Why like this.</b> Each cluster has a root of its own, so at first neither side can tell
 * the other from anybody else. What an operator carries from one to the other is one file with the
 * inviting cluster's root and a secret: by the root the guest knows whom it speaks to before it
 * says anything, by the secret the host knows that the guest was invited, and the guest's root
 * comes over that connection. So no root is ever taken from who just happens to answer, and one
 * file, one command and one call are enough. A region trusts those that its regions have let in:
 * their roots come with the documents, each good for its own region only.
 *
 * <p>The invitation is used up in the commit that writes the guest's document. It stays, marked
 * with the guest's cluster, so that a guest which did not hear the answer asks again and gets the
 * same one.
 */
public final class Introductions {
  private static final int ATTEMPTS_MAX = 20;

  private final CatalogClient catalog;
  private final InstantSource clock;

  /** Of the region whose catalog this is. */
  public Introductions(CatalogClient catalog, InstantSource clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /**
   * What the guest is told.
   *
   * @param host this region, with its addresses and root
   */
  public record Invitation(String id, String secret, long expiresMillis, RegionDescriptor host) {
    @Override
    public String toString() {
      return "Invitation[" + id + ", (hidden)]";
    }
  }

  /**
   * Makes an invitation; this region's own document comes into being with the first one.
   *
   * @param root the cluster's root, PEM; empty in a cluster without certificates
   * @throws NotLetInException when nobody could be let in
   */
  public Invitation invite(ByteString root, Duration lifetime, SecureRandom random)
      throws NotLetInException {
    byte[] id = new byte[8];
    byte[] secret = new byte[32];
    random.nextBytes(id);
    random.nextBytes(secret);
    String name = HexFormat.of().formatHex(id);
    String secretText = HexFormat.of().formatHex(secret);
    long expires = clock.millis() + lifetime.toMillis();
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      FederationView view = FederationView.read(catalog);
      RegionDescriptor host = host(view, root);
      CatalogCommitRequest.Builder commit =
          CatalogCommitRequest.newBuilder()
              .addComparisons(view.unchanged(CatalogKeys.region(host.getName())))
              .addComparisons(view.unchanged(CatalogKeys.regionInvitation(name)))
              .addPuts(FederationView.object(host))
              .addPuts(
                  invitation(
                      RegionInvitation.newBuilder()
                          .setInvitationId(name)
                          .setSecretHash(hash(secretText))
                          .setExpiresMillis(expires)
                          .build()));
      if (catalog.commit(commit.build()).getOutcome() == Outcome.COMMITTED) {
        return new Invitation(name, secretText, expires, host);
      }
    }
    throw new NotLetInException("others change the same all the time; try again");
  }

  /** This region's own document, with the addresses of now. */
  private RegionDescriptor host(FederationView view, ByteString root) throws NotLetInException {
    ClusterDescriptor cluster = view.cluster();
    if (view.addresses().isEmpty()) {
      throw new NotLetInException(
          "other regions cannot reach this cluster: no coordinator has regions.port");
    }
    Optional<RegionDescriptor> before = view.region(cluster.getRegion());
    if (before.map(RegionDescriptor::getRemoved).orElse(false)) {
      throw new NotLetInException(
          "this region was removed from its federation; found its cluster anew to join one");
    }
    return OwnRegion.document(cluster, before, view.addresses(), root, clock.millis());
  }

  /**
   * Takes a guest in.
   *
   * @throws NotLetInException with the reason, which the guest is told
   */
  public IntroductionResponse introduce(IntroductionRequest request) throws NotLetInException {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      FederationView view = FederationView.read(catalog);
      CatalogObject found =
          view.object(CatalogKeys.regionInvitation(request.getInvitationId()))
              .orElseThrow(Introductions::unknown);
      RegionInvitation invitation = found.getRegionInvitation();
      check(invitation, request);
      RegionDescriptor guest = request.getRegion();
      Optional<RegionDescriptor> known = view.region(guest.getName());
      if (isIn(known, guest)) {
        return answer(view, known.get());
      }
      checkFits(view, guest, known);
      RegionDescriptor taken = taken(view, guest, known);
      String self = CatalogKeys.region(view.cluster().getRegion());
      CatalogCommitRequest commit =
          CatalogCommitRequest.newBuilder()
              .addComparisons(view.unchanged(found.getKey()))
              .addComparisons(view.unchanged(CatalogKeys.region(guest.getName())))
              // Written again as it is: two introductions cannot both read the numbers and go on.
              .addComparisons(view.unchanged(self))
              .addPuts(view.object(self).orElseThrow(Introductions::unknown))
              .addPuts(FederationView.object(taken))
              .addPuts(
                  invitation(
                      invitation.toBuilder().setUsedByClusterId(guest.getClusterId()).build()))
              .build();
      if (catalog.commit(commit).getOutcome() == Outcome.COMMITTED) {
        return answer(view, taken);
      }
    }
    throw new NotLetInException("others change the same all the time; try again");
  }

  private static boolean isIn(Optional<RegionDescriptor> known, RegionDescriptor guest) {
    return known
        .filter(region -> !region.getRemoved())
        .filter(region -> region.getClusterId().equals(guest.getClusterId()))
        .isPresent();
  }

  private void check(RegionInvitation invitation, IntroductionRequest request)
      throws NotLetInException {
    boolean secretFits =
        MessageDigest.isEqual(
            invitation.getSecretHash().toByteArray(), hash(request.getSecret()).toByteArray());
    String usedBy = invitation.getUsedByClusterId();
    boolean usable =
        usedBy.isEmpty()
            ? clock.millis() < invitation.getExpiresMillis()
            : usedBy.equals(request.getRegion().getClusterId());
    if (!secretFits || !usable) {
      throw unknown();
    }
  }

  private static NotLetInException unknown() {
    return new NotLetInException(
        "the invitation is not known, used up, or expired; make one with `equator admin region"
            + " invite`");
  }

  private static void checkFits(
      FederationView view, RegionDescriptor guest, Optional<RegionDescriptor> known)
      throws NotLetInException {
    ClusterDescriptor own = view.cluster();
    RegionDescriptor host =
        view.region(own.getRegion()).orElseThrow(() -> new NotLetInException("it has left"));
    if (guest.getName().isEmpty() || guest.getClusterId().isEmpty()) {
      throw new NotLetInException("the guest does not say who it is");
    }
    if (guest.getName().equals(own.getRegion())) {
      throw new NotLetInException(
          "both clusters are the region " + own.getRegion() + "; a federation has one of a name");
    }
    if (guest.getAddressesCount() == 0) {
      throw new NotLetInException("the guest has no address for other regions");
    }
    if (guest.getRoots().isEmpty() != host.getRoots().isEmpty()) {
      throw new NotLetInException("internal.tls must be the same in all regions");
    }
    if (known.filter(region -> !region.getRemoved()).isPresent()) {
      throw new NotLetInException(
          "there is a region " + guest.getName() + " already, of another cluster");
    }
    if (known.filter(region -> region.getClusterId().equals(guest.getClusterId())).isPresent()) {
      throw new NotLetInException(
          "this cluster was removed from the federation, where deletions that it has not seen are"
              + " forgotten by now; found it anew with empty folders");
    }
    for (RegionDescriptor other : view.regions()) {
      boolean sameRoot = !guest.getRoots().isEmpty() && other.getRoots().equals(guest.getRoots());
      if (sameRoot || other.getClusterId().equals(guest.getClusterId())) {
        throw new NotLetInException(
            "the cluster is the region " + other.getName() + " of this federation");
      }
    }
  }

  private RegionDescriptor taken(
      FederationView view, RegionDescriptor guest, Optional<RegionDescriptor> known) {
    return RegionDescriptor.newBuilder()
        .setName(guest.getName())
        .setNumber(RegionNumbers.choose(view.regions(), guest.getName(), guest.getNumber()))
        .setClusterId(guest.getClusterId())
        .addAllAddresses(guest.getAddressesList())
        .setRoots(guest.getRoots())
        .setVersion(FederationView.versionAfter(known, clock.millis()))
        .setVersionRegion(Math.max(1, view.cluster().getRegionNumber()))
        .build();
  }

  private static IntroductionResponse answer(FederationView view, RegionDescriptor guest) {
    Map<String, RegionDescriptor> all = new TreeMap<>();
    view.regions().forEach(region -> all.put(region.getName(), region));
    all.put(guest.getName(), guest);
    return IntroductionResponse.newBuilder().addAllRegions(all.values()).build();
  }

  private static CatalogObject invitation(RegionInvitation invitation) {
    return CatalogObject.newBuilder()
        .setKey(CatalogKeys.regionInvitation(invitation.getInvitationId()))
        .setRegionInvitation(invitation)
        .build();
  }

  private static ByteString hash(String secret) {
    try {
      return ByteString.copyFrom(
          MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
