package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The inputs and outputs of a decoder, as its session tells them. B sequences, T new tokens, L
 * tokens of the past, V vocabulary.
 *
 * @param attentionMask whether there is an input attention_mask, int64 [B, L + T]
 * @param positionIds whether there is an input position_ids, int64 [B, T]
 * @param cacheBranch whether there is an input use_cache_branch, bool [1]: whether there is a past
 * @param precision of logits
 * @param vocabularySize last dimension of logits [B, T, V]; 0 where the graph leaves it open
 * @param layers how many layers keep keys and values; 0 for a graph without a cache
 * @param slots keys and values of all layers, in the order of the layers
 */
record Graph(
    boolean attentionMask,
    boolean positionIds,
    boolean cacheBranch,
    Precision precision,
    int vocabularySize,
    int layers,
    List<Slot> slots) {
  static final String INPUT_IDS = "input_ids";
  static final String ATTENTION_MASK = "attention_mask";
  static final String POSITION_IDS = "position_ids";
  static final String USE_CACHE_BRANCH = "use_cache_branch";
  static final String LOGITS = "logits";

  private static final Pattern PAST = Pattern.compile("past_key_values\\.(\\d{1,6})\\.(key|value)");
  private static final Pattern PRESENT = Pattern.compile("present\\.(\\d{1,6})\\.(key|value)");

  /**
   * The keys or the values of one layer.
   *
   * @param past the input
   * @param present the output
   * @param precision of both
   * @param shape of an empty past: 1 sequence, 0 tokens; usually [B, heads, L, head size]
   * @param axis where L stands in the shape
   */
  @SuppressWarnings("ArrayRecordComponent") // read only, never compared
  record Slot(String past, String present, Precision precision, long[] shape, int axis) {}

  /** Reads names and shapes. The file is for error messages. */
  static Graph of(OrtSession session, Path file) throws IOException, OrtException {
    Reader reader = new Reader(file, session.getInputInfo(), session.getOutputInfo());
    reader.requireIds(INPUT_IDS);
    TreeMap<Integer, Map<String, String>> pasts = new TreeMap<>();
    for (String name : reader.inputs.keySet()) {
      Matcher past = PAST.matcher(name);
      if (past.matches()) {
        layer(pasts, past).put(past.group(2), name);
      } else if (name.equals(ATTENTION_MASK) || name.equals(POSITION_IDS)) {
        reader.requireIds(name);
      } else if (name.equals(USE_CACHE_BRANCH)) {
        reader.requireFlag(name);
      } else if (!name.equals(INPUT_IDS)) {
        throw reader.error("the input " + name + " is none that this runtime knows");
      }
    }
    TreeMap<Integer, Map<String, String>> presents = new TreeMap<>();
    for (String name : reader.outputs.keySet()) {
      Matcher present = PRESENT.matcher(name);
      if (present.matches()) {
        layer(presents, present).put(present.group(2), name);
      }
    }
    int vocabularySize = reader.vocabularySize();
    return new Graph(
        reader.inputs.containsKey(ATTENTION_MASK),
        reader.inputs.containsKey(POSITION_IDS),
        reader.inputs.containsKey(USE_CACHE_BRANCH),
        reader.precision(),
        vocabularySize,
        pasts.size(),
        reader.slots(pasts, presents));
  }

  private static Map<String, String> layer(
      TreeMap<Integer, Map<String, String>> layers, Matcher name) {
    return layers.computeIfAbsent(Integer.valueOf(name.group(1)), index -> new HashMap<>());
  }

  private static final String NUMBERS = "float32 (FLOAT), FLOAT16 or BFLOAT16";

  private record Reader(Path file, Map<String, NodeInfo> inputs, Map<String, NodeInfo> outputs) {
    void requireIds(String input) throws IOException {
      TensorInfo info = tensor(inputs, "input", input);
      if (info.type != OnnxJavaType.INT64 || info.getShape().length != 2) {
        throw error(
            "the input "
                + input
                + " is "
                + describe(info)
                + ", expected int64 with the two dimensions sequence and token");
      }
    }

    void requireFlag(String input) throws IOException {
      TensorInfo info = tensor(inputs, "input", input);
      if (info.type != OnnxJavaType.BOOL || info.getShape().length != 1) {
        throw error("the input " + input + " is " + describe(info) + ", expected bool [1]");
      }
    }

    int vocabularySize() throws IOException {
      TensorInfo info = tensor(outputs, "output", LOGITS);
      long[] shape = info.getShape();
      if (shape.length != 3) {
        throw error(
            "the output logits is "
                + describe(info)
                + ", expected the three dimensions sequence, token, vocabulary");
      }
      return shape[2] < 0 ? 0 : Math.toIntExact(Math.min(shape[2], Integer.MAX_VALUE));
    }

    /** That of the logits. */
    Precision precision() throws IOException {
      TensorInfo info = tensor(outputs, "output", LOGITS);
      Optional<Precision> precision = Precision.of(info.type);
      if (precision.isEmpty()) {
        throw error("the output logits is " + describe(info) + ", expected " + NUMBERS);
      }
      return precision.get();
    }

    List<Slot> slots(
        TreeMap<Integer, Map<String, String>> pasts, TreeMap<Integer, Map<String, String>> presents)
        throws IOException {
      if (pasts.isEmpty()) {
        return List.of(); // what it computes of keys and values nobody can give back to it
      }
      TreeSet<Integer> layers = new TreeSet<>(pasts.keySet());
      layers.addAll(presents.keySet());
      List<Slot> slots = new ArrayList<>();
      for (int layer : layers) {
        for (String kind : new String[] {"key", "value"}) {
          String past = pasts.getOrDefault(layer, Map.of()).get(kind);
          String present = presents.getOrDefault(layer, Map.of()).get(kind);
          if (past == null || present == null) {
            throw error(
                "layer "
                    + layer
                    + " lacks "
                    + (past == null ? "the input past_key_values." : "the output present.")
                    + layer
                    + "."
                    + kind);
          }
          slots.add(slot(past, present));
        }
      }
      return List.copyOf(slots);
    }

    private Slot slot(String past, String present) throws IOException {
      TensorInfo info = tensor(inputs, "input", past);
      long[] shape = info.getShape().clone();
      int axis = -1;
      for (int i = 1; i < shape.length; i++) {
        if (shape[i] < 0) {
          axis = axis < 0 ? i : Integer.MAX_VALUE;
        }
      }
      boolean oneSequence = shape.length > 0 && (shape[0] < 0 || shape[0] == 1);
      Optional<Precision> precision = Precision.of(info.type);
      if (precision.isEmpty() || !oneSequence || axis < 0 || axis >= shape.length) {
        throw error(
            "the input "
                + past
                + " is "
                + describe(info)
                + ", expected "
                + NUMBERS
                + " of a free number of sequences, fixed heads and head"
                + " size, and one free dimension for the tokens of the past");
      }
      if (tensor(outputs, "output", present).type != info.type) {
        throw error("the output " + present + " has another type than the input " + past);
      }
      shape[0] = 1;
      shape[axis] = 0;
      return new Slot(past, present, precision.get(), shape, axis);
    }

    private TensorInfo tensor(Map<String, NodeInfo> nodes, String what, String name)
        throws IOException {
      NodeInfo node = nodes.get(name);
      if (node == null) {
        throw error("there is no " + what + " " + name);
      }
      if (node.getInfo() instanceof TensorInfo info) {
        return info;
      }
      throw error("the " + what + " " + name + " is no tensor");
    }

    private static String describe(TensorInfo info) {
      return info.type + " " + Arrays.toString(info.getShape());
    }

    IOException error(String message) {
      return new IOException(
          file
              + " is not a decoder that this runtime can run: "
              + message
              + ". It knows the inputs input_ids, attention_mask, position_ids, use_cache_branch and"
              + " past_key_values.N.key/value, and the outputs logits and present.N.key/value;"
              + " found the inputs "
              + inputs.keySet()
              + " and the outputs "
              + outputs.keySet());
    }
  }
}
