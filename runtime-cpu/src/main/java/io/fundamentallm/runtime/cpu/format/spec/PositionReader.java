package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig.Positions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Which layers have windows, and which have rotary positions. */
final class PositionReader {
  private static final String TYPES = "layer_types";
  private static final String WINDOW = "sliding_window";
  private static final String SLIDING = "sliding_attention";
  private static final String FULL = "full_attention";

  private final Family family;
  private final JsonObject json;

  PositionReader(Family family, JsonObject json) {
    this.family = family;
    this.json = json;
  }

  List<Positions> positions(int layers, Rope rope) throws IOException {
    List<Boolean> turning = turning(layers);
    int window = window();
    List<Boolean> sliding = sliding(layers, window, turning);
    List<Positions> positions = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      Rotary rotary = sliding.get(i) ? rope.sliding() : rope.rotary();
      positions.add(new Positions(turning.get(i) ? rotary : null, sliding.get(i) ? window : 0));
    }
    return positions;
  }

  /** For each layer whether it has rotary positions, as smollm3 says it. */
  private List<Boolean> turning(int layers) throws IOException {
    String key = "no_rope_layers";
    List<Integer> given = family.reads(key) ? json.wholeNumbers(key) : List.of();
    if (!given.isEmpty() && given.size() < layers) {
      throw json.problem(key, "of length " + given.size() + ", expected " + layers);
    }
    int interval = family.reads(key) ? json.size("no_rope_layer_interval") : Integer.MAX_VALUE;
    List<Boolean> turning = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      // in spite of its name, 1 means rotary positions
      turning.add(given.isEmpty() ? (i + 1) % interval != 0 : given.get(i) != 0);
    }
    return turning;
  }

  private int window() throws IOException {
    if (!family.reads(WINDOW)) {
      json.refuse(WINDOW);
      return 0;
    }
    boolean off =
        family.reads("use_sliding_window") && !json.flag("use_sliding_window", false)
            || !json.has(WINDOW);
    return off ? 0 : json.size(WINDOW);
  }

  private List<Boolean> sliding(int layers, int window, List<Boolean> turning) throws IOException {
    List<String> types = types(layers);
    if (!types.isEmpty() && !family.reads(TYPES)) {
      require(types, window == 0 ? FULL : SLIDING);
    }
    List<Boolean> sliding = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      boolean slides = types.isEmpty() ? slides(i, turning.get(i)) : types.get(i).equals(SLIDING);
      if (slides && window == 0 && !types.isEmpty()) {
        throw json.problem(
            TYPES,
            "of which layer "
                + i
                + " slides; expected "
                + (family.reads("use_sliding_window")
                    ? "\"use_sliding_window\" true"
                    : "a \"" + WINDOW + "\""));
      }
      sliding.add(slides && window > 0);
    }
    return sliding;
  }

  /** Whether a layer has a window where no list of layers says so. */
  private boolean slides(int layer, boolean turning) throws IOException {
    if (family.reads("sliding_window_pattern")) {
      return (layer + 1) % json.size("sliding_window_pattern") != 0;
    }
    if (family.reads("no_rope_layers")) {
      return !turning;
    }
    // may be 0: then all layers have a window
    List<Integer> first =
        family.reads("max_window_layers") ? json.wholeNumbers("max_window_layers") : List.of();
    return first.isEmpty() || layer >= first.get(0);
  }

  private void require(List<String> types, String expected) throws IOException {
    for (String type : types) {
      if (!type.equals(expected)) {
        throw json.problem(TYPES, "of which one is " + type + "; expected " + expected + " in all");
      }
    }
  }

  /** One for each layer, or none if the key is missing. */
  private List<String> types(int layers) throws IOException {
    List<String> types = json.texts(TYPES);
    if (types == null) {
      return List.of();
    }
    if (types.size() != layers) {
      throw json.problem(TYPES, "of length " + types.size() + ", expected " + layers);
    }
    for (String type : types) {
      if (!type.equals(FULL) && !type.equals(SLIDING)) {
        throw json.problem(
            TYPES,
            "of which one is "
                + type
                + ", which this runtime does not implement; expected "
                + FULL
                + " or "
                + SLIDING);
      }
    }
    return types;
  }
}
