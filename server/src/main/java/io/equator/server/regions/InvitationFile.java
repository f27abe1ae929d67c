package io.equator.server.regions;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.protobuf.ByteString;
import io.equator.coordinator.federation.Introductions.Invitation;
import io.equator.proto.RegionDescriptor;
import io.equator.server.Refusal;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An invitation as an operator carries it to another cluster: a JSON object.
 *
 * <pre>
 * format      1
 * region      name of the region that invites
 * number      its number
 * cluster     its cluster's id
 * addresses   where its coordinators are reached by other regions
 * root        its cluster's root, PEM; empty in a cluster without certificates
 * invitation  names the invitation there
 * secret      64 hexadecimal digits; until it is used, whoever has it can join
 * expires     ISO 8601
 * </pre>
 */
public final class InvitationFile {
  private static final long FORMAT = 1;

  private InvitationFile() {}

  /** The file's text. */
  public static String text(Invitation invitation) {
    RegionDescriptor host = invitation.host();
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeNumberField("format", FORMAT);
      json.writeStringField("region", host.getName());
      json.writeNumberField("number", host.getNumber());
      json.writeStringField("cluster", host.getClusterId());
      json.writeArrayFieldStart("addresses");
      for (String address : host.getAddressesList()) {
        json.writeString(address);
      }
      json.writeEndArray();
      json.writeStringField("root", host.getRoots().toStringUtf8());
      json.writeStringField("invitation", invitation.id());
      json.writeStringField("secret", invitation.secret());
      json.writeStringField("expires", Instant.ofEpochMilli(invitation.expiresMillis()).toString());
      json.writeEndObject();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return text + "\n";
  }

  /**
   * Writes a file that only its owner may read.
   *
   * @throws Refusal when it is there already, or cannot be written
   */
  public static void write(Path file, Invitation invitation) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, text(invitation));
    } catch (FileAlreadyExistsException e) {
      throw new Refusal(file + " is there already.", e);
    } catch (IOException e) {
      throw new Refusal(file + " cannot be written: " + e.getMessage() + ".", e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws Refusal when it is no invitation
   */
  public static Invitation read(Path file) {
    try {
      return parse(Files.readString(file));
    } catch (IOException | IllegalArgumentException e) {
      throw new Refusal(file + " is no invitation that can be read: " + e.getMessage() + ".", e);
    }
  }

  private static Invitation parse(String text) throws IOException {
    Map<String, String> values = new HashMap<>();
    List<String> addresses = new ArrayList<>();
    try (JsonParser json = new JsonFactory().createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("it is no JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("addresses") && value == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.VALUE_STRING) {
            addresses.add(json.getText());
          }
        } else if (value.isScalarValue()) {
          values.put(name, json.getText());
        } else {
          throw new IllegalArgumentException("its " + name + " is not understood");
        }
      }
    }
    if (!value(values, "format").equals(Long.toString(FORMAT))) {
      throw new IllegalArgumentException("its format is " + values.get("format"));
    }
    return new Invitation(
        value(values, "invitation"),
        value(values, "secret"),
        Instant.parse(value(values, "expires")).toEpochMilli(),
        RegionDescriptor.newBuilder()
            .setName(value(values, "region"))
            .setNumber(Integer.parseInt(value(values, "number")))
            .setClusterId(value(values, "cluster"))
            .addAllAddresses(addresses)
            .setRoots(ByteString.copyFromUtf8(value(values, "root")))
            .build());
  }

  private static String value(Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("it has no " + name);
    }
    return value;
  }
}
