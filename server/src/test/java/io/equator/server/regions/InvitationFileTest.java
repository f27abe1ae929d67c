package io.equator.server.regions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.equator.coordinator.federation.Introductions.Invitation;
import io.equator.proto.RegionDescriptor;
import io.equator.server.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InvitationFileTest {
  private static final Invitation INVITATION =
      new Invitation(
          "0a",
          "5ec7e7",
          1_700_000_000_000L,
          RegionDescriptor.newBuilder()
              .setName("us-west-2")
              .setNumber(7)
              .setClusterId("c1")
              .addAddresses("a.example:7100")
              .addAddresses("b.example:7100")
              .setRoots(ByteString.copyFromUtf8("-----BEGIN CERTIFICATE-----\nMIIB\n"))
              .build());

  @TempDir private Path temporary;

  @Test
  void whatIsWrittenIsReadAndOnlyItsOwnerMayReadIt() throws IOException {
    Path file = temporary.resolve("east.json");
    InvitationFile.write(file, INVITATION);
    assertThat(InvitationFile.read(file)).isEqualTo(INVITATION);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThatThrownBy(() -> InvitationFile.write(file, INVITATION))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("is there already");
    assertThat(INVITATION.toString()).as("the secret is hidden").doesNotContain("5ec7e7");
  }

  @Test
  void whatIsNoInvitationIsSaidSo() throws IOException {
    for (String text :
        new String[] {
          "", "[]", "{", "{\"format\": 1}", InvitationFile.text(INVITATION).replace(": 1,", ": 2,")
        }) {
      Path file = temporary.resolve("bad.json");
      Files.writeString(file, text);
      assertThatThrownBy(() -> InvitationFile.read(file))
          .as(text)
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("is no invitation that can be read");
    }
  }
}
