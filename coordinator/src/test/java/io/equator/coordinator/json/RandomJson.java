package io.equator.coordinator.json;

import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/** Random attribute values as JSON text, with all types and the characters that are trouble. */
public final class RandomJson {
  private static final String[] TROUBLE = {
    "a",
    "B",
    "7",
    "\\\"",
    "\\\\",
    "\\/",
    "\\n",
    "\\u0000",
    "\\u001f",
    "é",
    "€",
    "😀",
    "\\ud83d\\ude00",
    " ",
    "{",
    "}",
    ":",
    ",",
    "\\u00e9"
  };
  private static final int DEPTH_MAX = 5;

  private final Random random;

  /** The same seed gives the same texts. */
  public RandomJson(Random random) {
    this.random = random;
  }

  /** A valid item. */
  public String item() {
    return map(0);
  }

  private String map(int depth) {
    StringBuilder text = new StringBuilder("{");
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ",");
      text.append('"').append(i).append(characters()).append("\":").append(value(depth));
    }
    return text.append('}').toString();
  }

  private String value(int depth) {
    return switch (random.nextInt(depth < DEPTH_MAX ? 10 : 8)) {
      case 0 -> "{\"S\":\"" + characters() + "\"}";
      case 1 -> "{\"N\":\"" + number() + "\"}";
      case 2 -> "{\"B\":\"" + binary() + "\"}";
      case 3 -> "{\"BOOL\":" + random.nextBoolean() + "}";
      case 4 -> "{\"NULL\":true}";
      case 5 -> "{\"SS\":" + set(() -> random.nextInt(1000) + "x") + "}";
      case 6 -> "{\"NS\":" + set(() -> Integer.toString(random.nextInt(2000) - 1000)) + "}";
      case 7 -> "{\"BS\":" + set(this::binary) + "}";
      case 8 -> "{\"L\":" + list(depth + 1) + "}";
      default -> "{\"M\":" + map(depth + 1) + "}";
    };
  }

  private String list(int depth) {
    StringBuilder text = new StringBuilder("[");
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ",").append(value(depth));
    }
    return text.append(']').toString();
  }

  private String set(Supplier<String> member) {
    Set<String> members = new LinkedHashSet<>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      members.add("\"" + member.get() + "\"");
    }
    return members.toString();
  }

  private String characters() {
    StringBuilder text = new StringBuilder();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      text.append(TROUBLE[random.nextInt(TROUBLE.length)]);
    }
    return text.toString();
  }

  private String binary() {
    byte[] bytes = new byte[random.nextInt(8)];
    random.nextBytes(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private String number() {
    String digits = Long.toString(random.nextLong());
    return switch (random.nextInt(4)) {
      case 0 -> digits;
      case 1 -> digits + ".5";
      case 2 -> digits + "E" + (random.nextInt(100) - 50);
      default -> Integer.toString(random.nextInt(100));
    };
  }
}
