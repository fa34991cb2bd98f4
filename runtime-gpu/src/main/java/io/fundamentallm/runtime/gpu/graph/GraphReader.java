package io.fundamentallm.runtime.gpu.graph;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.fundamentallm.runtime.gpu.graph.GraphSignature.Ids;
import io.fundamentallm.runtime.gpu.graph.GraphSignature.Output;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what a graph takes and returns, from its session and its file. */
public final class GraphReader {
  private static final Logger log = LoggerFactory.getLogger(GraphReader.class);

  private static final String NUMBERS = "float32 (FLOAT), FLOAT16 or BFLOAT16";

  private final Path file;
  private final GraphNames names;
  private final Map<String, NodeInfo> inputs;
  private final Map<String, NodeInfo> outputs;
  private final Set<String> known = new HashSet<>();
  private boolean fixesSequences;

  private GraphReader(
      Path file, GraphNames names, Map<String, NodeInfo> inputs, Map<String, NodeInfo> outputs) {
    this.file = file;
    this.names = names;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * Reads names and shapes.
   *
   * @throws IOException when the graph is not a decoder that this runtime knows
   */
  public static GraphSignature read(
      OrtSession session, Path file, GraphNames names, ModelConfig config)
      throws IOException, OrtException {
    return new GraphReader(file, names, session.getInputInfo(), session.getOutputInfo())
        .read(config);
  }

  private GraphSignature read(ModelConfig config) throws IOException {
    Ids inputIds = ids(names.inputIds(), 2).orElseThrow(() -> missing("input", names.inputIds()));
    Optional<Ids> mask = ids(names.attentionMask(), 2);
    Optional<Ids> positions = ids(names.positionIds(), 2);
    Optional<Ids> cachePosition = ids(GraphNames.CACHE_POSITION, 1);
    Optional<Ids> lastPositions = ids(names.lastPositions(), 1, 2);
    Optional<Ids> totalLength = ids(names.totalLength(), 0, 1, 2);
    Optional<Ids> logitsToKeep = ids(GraphNames.LOGITS_TO_KEEP, 0, 1);
    boolean branch = flag(GraphNames.USE_CACHE_BRANCH);
    List<Slot> slots = slots();
    for (String name : inputs.keySet()) {
      if (!known.contains(name)) {
        throw error("the input " + name + " is none that this runtime knows");
      }
    }
    if (dimension(names.inputIds(), 0) > 1) {
      throw error(
          "the input "
              + names.inputIds()
              + " is always of "
              + dimension(names.inputIds(), 0)
              + " sequences");
    }
    long tokens = dimension(names.inputIds(), 1);
    if (tokens > 1) {
      throw error("the input " + names.inputIds() + " is always of " + tokens + " tokens");
    }
    Optional<GraphOperators> operators = operators();
    return new GraphSignature(
        inputIds,
        dimension(names.inputIds(), 0) == 1 || fixesSequences,
        tokens == 1,
        mask,
        mask.isEmpty() ? 0 : (int) Math.max(0, dimension(names.attentionMask(), 1)),
        positions,
        cachePosition,
        branch,
        lastPositions,
        totalLength,
        logitsToKeep,
        output(names.logits(), "vocabulary", config.vocabularySize().orElse(0)),
        outputs.containsKey(names.hiddenStates())
            ? Optional.of(output(names.hiddenStates(), "channel", config.hiddenSize().orElse(0)))
            : Optional.empty(),
        slots,
        operators.isEmpty() || operators.get().has("GroupQueryAttention"),
        operators.isPresent()
            && !slots.isEmpty()
            && slots.stream()
                .allMatch(slot -> operators.get().worksInPlace(slot.past(), slot.present())),
        operators.map(GraphOperators::fewestBits).orElse(0));
  }

  private long dimension(String input, int axis) throws IOException {
    return tensor(inputs, "input", input).getShape()[axis];
  }

  private Optional<Ids> ids(String name, Integer... ranks) throws IOException {
    if (!inputs.containsKey(name)) {
      return Optional.empty();
    }
    known.add(name);
    TensorInfo info = tensor(inputs, "input", name);
    int rank = info.getShape().length;
    boolean integers = info.type == OnnxJavaType.INT64 || info.type == OnnxJavaType.INT32;
    if (!integers || !List.of(ranks).contains(rank)) {
      throw error(
          "the input "
              + name
              + " is "
              + describe(info)
              + ", expected int64 or int32 with "
              + (ranks.length == 1 && ranks[0] == 2
                  ? "the two dimensions sequence and token"
                  : "one of these numbers of dimensions: " + List.of(ranks)));
    }
    return Optional.of(new Ids(name, info.type, rank));
  }

  private boolean flag(String name) throws IOException {
    if (!inputs.containsKey(name)) {
      return false;
    }
    known.add(name);
    TensorInfo info = tensor(inputs, "input", name);
    if (info.type != OnnxJavaType.BOOL || info.getShape().length != 1) {
      throw error("the input " + name + " is " + describe(info) + ", expected bool [1]");
    }
    return true;
  }

  /**
   * An output with a row for each token.
   *
   * @param last what the numbers of a row are
   * @param width the width if the graph leaves it open
   */
  private Output output(String name, String last, int width) throws IOException {
    TensorInfo info = tensor(outputs, "output", name);
    long[] shape = info.getShape();
    if (shape.length != 3) {
      throw error(
          "the output "
              + name
              + " is "
              + describe(info)
              + ", expected the three dimensions sequence, token, "
              + last);
    }
    if (shape[1] == 1 && dimension(names.inputIds(), 1) != 1) {
      throw error("the output " + name + " is of one token, whatever input_ids has");
    }
    Optional<Precision> precision = Precision.of(info.type);
    if (precision.isEmpty()) {
      throw error("the output " + name + " is " + describe(info) + ", expected " + NUMBERS);
    }
    long fixed = Math.min(shape[2], Integer.MAX_VALUE);
    return new Output(name, precision.get(), fixed < 0 ? width : (int) fixed);
  }

  private List<Slot> slots() throws IOException {
    Map<Integer, String> pastKeys = layers(inputs, names.pastKey());
    Map<Integer, String> pastValues = layers(inputs, names.pastValue());
    known.addAll(pastKeys.values());
    known.addAll(pastValues.values());
    if (pastKeys.isEmpty() && pastValues.isEmpty()) {
      return List.of(); // the keys and values that it computes cannot be passed back to it
    }
    Map<Integer, String> presentKeys = layers(outputs, names.presentKey());
    Map<Integer, String> presentValues = layers(outputs, names.presentValue());
    TreeSet<Integer> layers = new TreeSet<>(pastKeys.keySet());
    layers.addAll(pastValues.keySet());
    layers.addAll(presentKeys.keySet());
    layers.addAll(presentValues.keySet());
    List<Slot> slots = new ArrayList<>();
    for (int layer : layers) {
      slots.add(
          slot(
              requireNamed(layer, "input", pastKeys, names.pastKey()),
              requireNamed(layer, "output", presentKeys, names.presentKey())));
      slots.add(
          slot(
              requireNamed(layer, "input", pastValues, names.pastValue()),
              requireNamed(layer, "output", presentValues, names.presentValue())));
    }
    int capacity = slots.get(0).capacity();
    if (slots.stream().anyMatch(slot -> slot.capacity() != capacity)) {
      throw error("its layers have room for different numbers of tokens");
    }
    return List.copyOf(slots);
  }

  private static Map<Integer, String> layers(Map<String, NodeInfo> nodes, Pattern pattern) {
    Map<Integer, String> layers = new HashMap<>();
    for (String name : nodes.keySet()) {
      Matcher layer = pattern.matcher(name);
      if (layer.matches()) {
        layers.put(Integer.valueOf(layer.group(1)), name);
      }
    }
    return layers;
  }

  private String requireNamed(int layer, String what, Map<Integer, String> found, Pattern pattern)
      throws IOException {
    String name = found.get(layer);
    if (name == null) {
      String expected = pattern.pattern().replace("\\Q", "").replace("\\E", "");
      throw error(
          "layer "
              + layer
              + " lacks the "
              + what
              + " "
              + expected.replace("(\\d{1,6})", Integer.toString(layer)));
    }
    return name;
  }

  private Slot slot(String past, String present) throws IOException {
    TensorInfo info = tensor(inputs, "input", past);
    long[] shape = info.getShape().clone();
    int axis = axis(shape);
    boolean oneSequence = shape.length > 0 && (shape[0] < 0 || shape[0] == 1);
    fixesSequences |= oneSequence && shape[0] == 1;
    Optional<Precision> precision = Precision.of(info.type);
    if (precision.isEmpty() || !oneSequence || axis < 0) {
      throw error(
          "the input "
              + past
              + " is "
              + describe(info)
              + ", expected "
              + NUMBERS
              + " of a free number of sequences, fixed heads and head"
              + " size, and one dimension for the tokens of the past");
    }
    if (tensor(outputs, "output", present).type != info.type) {
      throw error("the output " + present + " has another type than the input " + past);
    }
    int capacity = (int) Math.max(0, Math.min(shape[axis], Integer.MAX_VALUE));
    shape[0] = 1;
    shape[axis] = 0;
    Slot slot = new Slot(past, present, precision.get(), shape, axis, capacity);
    try {
      if (slot.bytes(Math.max(1, capacity)) <= Integer.MAX_VALUE) {
        return slot;
      }
    } catch (ArithmeticException e) {
      // too large for a product
    }
    throw error("the input " + past + " is " + describe(info) + ", more than 2 GB");
  }

  /**
   * Where the tokens are: the one free dimension; if all are fixed, the one before the head size.
   */
  private static int axis(long[] shape) {
    int axis = -1;
    for (int i = 1; i < shape.length; i++) {
      if (shape[i] < 0) {
        if (axis >= 0) {
          return -1;
        }
        axis = i;
      }
    }
    return axis < 0 && shape.length == 4 ? 2 : axis;
  }

  /** Empty if its file cannot be read the way ONNX Runtime reads it. */
  private Optional<GraphOperators> operators() {
    try {
      return Optional.of(GraphOperators.read(file));
    } catch (IOException e) {
      log.debug("the operators of the graph are not known", e);
      return Optional.empty();
    }
  }

  private TensorInfo tensor(Map<String, NodeInfo> nodes, String what, String name)
      throws IOException {
    NodeInfo node = nodes.get(name);
    if (node == null) {
      throw missing(what, name);
    }
    if (node.getInfo() instanceof TensorInfo info) {
      return info;
    }
    throw error("the " + what + " " + name + " is no tensor");
  }

  private static String describe(TensorInfo info) {
    return info.type + " " + Arrays.toString(info.getShape());
  }

  private IOException missing(String what, String name) {
    return error("there is no " + what + " " + name);
  }

  private IOException error(String message) {
    return new IOException(
        file
            + " is not a decoder that this runtime can run: "
            + message
            + ". It knows the inputs input_ids, attention_mask, position_ids, cache_position,"
            + " use_cache_branch, seqlens_k, total_sequence_length, num_logits_to_keep and"
            + " past_key_values.N.key/value, and the outputs logits, hidden_states and"
            + " present.N.key/value, or"
            + " what genai_config.json calls them; found the inputs "
            + inputs.keySet()
            + " and the outputs "
            + outputs.keySet());
  }
}
