package io.fundamentallm.runtime.gpu;

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

/**
 * Which operators make the outputs of a graph: what ONNX Runtime does not tell. Reads the file's
 * messages (ModelProto, GraphProto, NodeProto of onnx.proto) and skips its weights.
 */
final class GraphOperators {
  /** A node with more has a constant in it, and makes no output. */
  private static final long LARGEST_NODE = 1 << 20;

  private static final int GRAPH = 7;
  private static final int NODE = 1;

  /**
   * A node.
   *
   * @param operator without its domain
   */
  record Node(String operator, List<String> inputs) {}

  private final InputStream in;
  private final Map<String, Node> nodes = new HashMap<>();

  private GraphOperators(InputStream in) {
    this.in = in;
  }

  /** The nodes by the names of what they make. */
  static Map<String, Node> read(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      GraphOperators reader = new GraphOperators(in);
      reader.fields(
          Files.size(file),
          (field, length) -> {
            if (field == GRAPH) {
              reader.graph(length);
            } else {
              in.skipNBytes(length);
            }
          });
      return reader.nodes;
    }
  }

  private void graph(long length) throws IOException {
    fields(
        length,
        (field, size) -> {
          if (field == NODE && size <= LARGEST_NODE) {
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
    fields(
        length,
        (field, size) -> {
          String text = new String(in.readNBytes((int) size), StandardCharsets.UTF_8);
          switch (field) {
            case 1 -> inputs.add(text);
            case 2 -> outputs.add(text);
            case 4 -> operator.append(text);
            default -> {} // attributes and names
          }
        });
    Node node = new Node(operator.toString(), inputs);
    outputs.forEach(output -> nodes.put(output, node));
  }

  /** Takes the bytes of a field, all of them. */
  private interface Field {
    void take(int field, long length) throws IOException;
  }

  private long read; // bytes of the file

  /** The fields of a message that have a length; numbers are skipped. */
  private void fields(long length, Field each) throws IOException {
    long end = read + length;
    while (read < end) {
      long key = varint();
      switch ((int) (key & 7)) {
        case 0 -> varint();
        case 1 -> skip(8);
        case 2 -> {
          long size = varint();
          if (size < 0 || size > end - read) {
            throw new IOException("a field of " + size + " bytes does not fit in its message");
          }
          long after = read + size;
          each.take((int) (key >>> 3), size);
          read = after;
        }
        case 5 -> skip(4);
        default -> throw new IOException("no field begins with " + key);
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
        throw new EOFException();
      }
      read++;
      value |= (long) (next & 0x7F) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new IOException("a number of more than 64 bits");
  }
}
