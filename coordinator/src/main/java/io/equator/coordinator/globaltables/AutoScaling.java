package io.equator.coordinator.globaltables;

import io.equator.coordinator.api.Constraints;
import io.equator.coordinator.json.WireReader;
import io.equator.coordinator.json.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code AutoScalingSettingsUpdate}, and what is described of it. The settings are kept and
 * described; nothing scales by them.
 *
 * <p>Its text is JSON with the members of the request, as it stands in the catalog.
 */
record AutoScaling(
    @Nullable Long minimumUnits,
    @Nullable Long maximumUnits,
    @Nullable Boolean disabled,
    @Nullable String roleArn,
    @Nullable Policy policy) {

  /** {@code AutoScalingPolicyUpdate}. */
  record Policy(
      @Nullable String name,
      boolean hasConfiguration,
      @Nullable Boolean disableScaleIn,
      @Nullable Integer scaleInCooldown,
      @Nullable Integer scaleOutCooldown,
      @Nullable Double targetValue) {
    static Policy read(WireReader in) {
      String name = null;
      boolean configured = false;
      Boolean disableScaleIn = null;
      Integer scaleIn = null;
      Integer scaleOut = null;
      Double target = null;
      in.beginStruct("AutoScalingPolicyUpdate");
      while (in.nextMember()) {
        switch (in.member()) {
          case "PolicyName" -> name = in.string();
          case "TargetTrackingScalingPolicyConfiguration" -> {
            configured = true;
            in.beginStruct("AutoScalingTargetTrackingScalingPolicyConfigurationUpdate");
            while (in.nextMember()) {
              switch (in.member()) {
                case "DisableScaleIn" -> disableScaleIn = in.bool();
                case "ScaleInCooldown" -> scaleIn = in.integer();
                case "ScaleOutCooldown" -> scaleOut = in.integer();
                case "TargetValue" -> target = in.doubleValue();
                default -> in.skip();
              }
            }
          }
          default -> in.skip();
        }
      }
      return new Policy(name, configured, disableScaleIn, scaleIn, scaleOut, target);
    }

    private void write(WireWriter out) {
      out.beginObject();
      if (name != null) {
        out.field("PolicyName", name);
      }
      out.beginObject("TargetTrackingScalingPolicyConfiguration");
      if (disableScaleIn != null) {
        out.field("DisableScaleIn", disableScaleIn.booleanValue());
      }
      if (scaleInCooldown != null) {
        out.field("ScaleInCooldown", scaleInCooldown.longValue());
      }
      if (scaleOutCooldown != null) {
        out.field("ScaleOutCooldown", scaleOutCooldown.longValue());
      }
      if (targetValue != null) {
        out.field("TargetValue", targetValue.doubleValue());
      }
      out.endObject();
      out.endObject();
    }
  }

  static AutoScaling read(WireReader in) {
    in.beginStruct("AutoScalingSettingsUpdate");
    return members(in);
  }

  private static AutoScaling members(WireReader in) {
    Long minimum = null;
    Long maximum = null;
    Boolean disabled = null;
    String role = null;
    Policy policy = null;
    while (in.nextMember()) {
      switch (in.member()) {
        case "MinimumUnits" -> minimum = in.longValue();
        case "MaximumUnits" -> maximum = in.longValue();
        case "AutoScalingDisabled" -> disabled = in.bool();
        case "AutoScalingRoleArn" -> role = in.string();
        case "ScalingPolicyUpdate" -> policy = Policy.read(in);
        default -> in.skip();
      }
    }
    return new AutoScaling(minimum, maximum, disabled, role, policy);
  }

  /** What was kept; empty when it is no text of ours. */
  static Optional<AutoScaling> parse(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    byte[] json = text.getBytes(StandardCharsets.UTF_8);
    return Optional.of(WireReader.read(json, 0, json.length, AutoScaling::members));
  }

  /** As it is kept. */
  String text() {
    WireWriter out = new WireWriter();
    out.beginObject();
    members(out);
    if (policy != null) {
      out.name("ScalingPolicyUpdate");
      policy.write(out);
    }
    out.endObject();
    return out.toString();
  }

  private void members(WireWriter out) {
    if (minimumUnits != null) {
      out.field("MinimumUnits", minimumUnits.longValue());
    }
    if (maximumUnits != null) {
      out.field("MaximumUnits", maximumUnits.longValue());
    }
    if (disabled != null) {
      out.field("AutoScalingDisabled", disabled.booleanValue());
    }
    if (roleArn != null) {
      out.field("AutoScalingRoleArn", roleArn);
    }
  }

  /** Writes {@code AutoScalingSettingsDescription} as this member. */
  static void describe(WireWriter out, String member, @Nullable String text) {
    Optional<AutoScaling> kept = parse(text);
    if (kept.isEmpty()) {
      return;
    }
    out.beginObject(member);
    kept.get().members(out);
    Policy policy = kept.get().policy;
    if (policy != null) {
      out.beginArray("ScalingPolicies");
      policy.write(out);
      out.endArray();
    }
    out.endObject();
  }

  /** The constraints of the model, at this place of the request. */
  void check(Constraints constraints, String member) {
    constraints.enterStruct(member);
    constraints.range("minimumUnits", minimumUnits, 1, Long.MAX_VALUE);
    constraints.range("maximumUnits", maximumUnits, 1, Long.MAX_VALUE);
    constraints.length("autoScalingRoleArn", roleArn, 1, 1600);
    if (policy != null) {
      constraints.enterStruct("scalingPolicyUpdate");
      constraints.length("policyName", policy.name, 1, 256);
      if (policy.hasConfiguration) {
        constraints.notNull(
            "targetTrackingScalingPolicyConfiguration.targetValue", policy.targetValue);
      } else {
        constraints.notNull("targetTrackingScalingPolicyConfiguration", null);
      }
      constraints.leave();
    }
    constraints.leave();
  }
}
