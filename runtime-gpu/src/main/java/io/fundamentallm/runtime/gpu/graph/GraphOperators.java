package io.fundamentallm.runtime.gpu.graph;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which operators make and read the values of a graph: what ONNX Runtime does not report. Reads the
 * file's messages (ModelProto, GraphProto, NodeProto, AttributeProto of onnx.proto) and skips its
 * weights.
 */
final class GraphOperators {
  /** No decoder needs longer names. */
  private static final long LONGEST_NAME = 1 << 16;

  private static final int GRAPH = 7; // of ModelProto
  private static final int NODE = 1; // of GraphProto
  private static final int ATTRIBUTE = 5; // of NodeProto
  private static final int WHOLE_NUMBER = 3; // of AttributeProto

  /** The operator whose matrices are in blocks of few bits, and the attribute that says how few. */
  private static final String BLOCKS = "MatMulNBits";

  private static final String BITS = "bits";
  private static final int USUAL_BITS = 4; // where the attribute is left out

  /**
   * Operators that write into a cache and leave the rest of it as it is, with the inputs that may
   * be the cache.
   */
  private static final Map<String, List<Integer>> WRITERS =
      Map.of(
          "GroupQueryAttention", List.of(3, 4),
          "TensorScatter", List.of(0),
          "ScatterND", List.of(0),
          "ScatterElements", List.of(0));

  /**
   * A node.
   *
   * @param operator without its domain
   */
  private record Node(String operator, List<String> inputs) {}

  private final Path file;
  private final InputStream in;
  private long read; // bytes of the file
  private final Map<String, Node> makers = new HashMap<>();
  private final Map<String, Integer> readers = new HashMap<>();
  private boolean hasGraphsInside;
  private int fewestBits;

  private GraphOperators(Path file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  /**
   * Reads a file.
   *
   * @throws IOException also when this cannot read the file, though ONNX Runtime may
   */
  static GraphOperators read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      GraphOperators operators = new GraphOperators(file, in);
      operators.fields(
          Files.size(file),
          (field, length) -> {
            if (field == GRAPH) {
              operators.graph(length);
            } else {
              in.skipNBytes(length);
            }
          });
      return operators;
    }
  }

  /** Whether some node is of this operator, as far as can be told. */
  boolean has(String operator) {
    return hasGraphsInside
        || makers.values().stream().anyMatch(node -> node.operator().equals(operator));
  }

  /** The fewest bits that matrices have in blocks; 0 if none are, as far as can be told. */
  int fewestBits() {
    return fewestBits;
  }

  /**
   * Whether a cache may come out where it went in: only one operator reads it, and that one writes
   * into it.
   */
  boolean worksInPlace(String past, String present) {
    Node node = makers.get(present);
    return node != null
        && !hasGraphsInside // whose nodes may read it too
        && readers.getOrDefault(past, 0) == 1
        && WRITERS.getOrDefault(node.operator(), List.of()).stream()
            .anyMatch(at -> past.equals(input(node, at)));
  }

  private static @Nullable String input(Node node, int at) {
    return at < node.inputs().size() ? node.inputs().get(at) : null;
  }

  private void graph(long length) throws IOException {
    fields(
        length,
        (field, size) -> {
          if (field == NODE) {
            node(size);
          } else {
            in.skipNBytes(size);
          }
        });
  }

  private void node(long length) throws IOException {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    StringBuilder operator = new StringBuilder();
    Map<String, Long> numbers = new HashMap<>();
    fields(
        length,
        (field, size) -> {
          switch (field) {
            case 1 -> inputs.add(name(size));
            case 2 -> outputs.add(name(size));
            case 4 -> operator.append(name(size));
            case ATTRIBUTE -> attribute(size, numbers);
            default -> in.skipNBytes(size);
          }
        });
    Node node = new Node(operator.toString(), inputs);
    outputs.forEach(output -> makers.put(output, node));
    inputs.forEach(input -> readers.merge(input, 1, Integer::sum));
    if (node.operator().equals(BLOCKS)) {
      int bits = (int) (long) numbers.getOrDefault(BITS, (long) USUAL_BITS);
      fewestBits = fewestBits == 0 ? bits : Math.min(fewestBits, bits);
    }
  }

  /** Adds it to the numbers, if it is one. */
  private void attribute(long length, Map<String, Long> numbers) throws IOException {
    StringBuilder name = new StringBuilder();
    long[] number = {0};
    fields(
        length,
        (field, size) -> {
          hasGraphsInside |= field == 6 || field == 11; // g and graphs
          if (field == 1) {
            name.append(name(size));
          } else {
            in.skipNBytes(size);
          }
        },
        (field, value) -> number[0] = field == WHOLE_NUMBER ? value : number[0]);
    numbers.put(name.toString(), number[0]);
  }

  private String name(long length) throws IOException {
    if (length > LONGEST_NAME) {
      throw error("a name of " + length + " bytes");
    }
    return new String(in.readNBytes((int) length), StandardCharsets.UTF_8);
  }

  /** Takes the bytes of a field, all of them. */
  private interface Field {
    void take(int field, long length) throws IOException;
  }

  /** Takes a number. */
  private interface Whole {
    void take(int field, long value);
  }

  /** The fields of a message that have a length; numbers are skipped. */
  private void fields(long length, Field each) throws IOException {
    fields(length, each, (field, value) -> {});
  }

  /** The fields of a message that have a length, and whole numbers; others are skipped. */
  private void fields(long length, Field each, Whole whole) throws IOException {
    long end = read + length;
    while (read < end) {
      long key = varint();
      switch ((int) (key & 7)) {
        case 0 -> whole.take((int) (key >>> 3), varint());
        case 1 -> skip(8);
        case 2 -> {
          long size = varint();
          if (size < 0 || size > end - read) {
            throw error("a field of " + size + " bytes does not fit in its message");
          }
          long after = read + size;
          each.take((int) (key >>> 3), size);
          read = after;
        }
        case 5 -> skip(4);
        default -> throw error("no field begins with " + key);
      }
    }
  }

  private void skip(int bytes) throws IOException {
    in.skipNBytes(bytes);
    read += bytes;
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException(file + " ends at byte " + read + " in the middle of a message");
      }
      read++;
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw error("a number of more than 64 bits");
  }

  private IOException error(String message) {
    return new IOException(file + " at byte " + read + ": " + message);
  }
}
