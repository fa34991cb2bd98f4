package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.internal.protobuf.Protobuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a graph as {@code model.onnx} (ModelProto of onnx.proto, with its field numbers), and its
 * large constants beside it as {@code model.onnx_data} if together they are more than one protobuf
 * message may hold. At most one constant is in memory at a time.
 *
 * <p>A graph's constants are written in order, but those that stay in {@code model.onnx} come after
 * those that do not.
 */
final class GraphFile {
  private static final String MODEL = "model.onnx";
  private static final String DATA = "model.onnx_data";

  /** A message has at most 2³¹ − 1 bytes; the rest is for the nodes. */
  static final long MAX_INSIDE = 2_000_000_000;

  /** Smaller constants stay inside, as in files by ONNX's own tools. */
  private static final int MIN_OUTSIDE = 1024;

  /** The page size by which constants must be aligned to be mapped into memory. */
  private static final int ALIGNMENT = 4096;

  /** Operators of opset 23 are the newest used, and IR version 11 came with it. */
  private static final int IR_VERSION = 11;

  private static final int OPSET = 23;

  /** A constant and where its bytes begin. */
  private record Placed(Weight weight, long at) {}

  private final Graph graph;
  private final Path model;
  private final Path data;
  private final List<Weight> inside = new ArrayList<>();
  private final List<Placed> outside = new ArrayList<>();

  private GraphFile(Graph graph, Path directory, long maxInside) {
    this.graph = graph;
    model = directory.resolve(MODEL);
    data = directory.resolve(DATA);
    long all = graph.weights().stream().mapToLong(Weight::length).reduce(0, Math::addExact);
    long end = 0;
    for (Weight weight : graph.weights()) {
      if (all <= maxInside || weight.length() < MIN_OUTSIDE) {
        inside.add(weight);
      } else {
        long at = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        outside.add(new Placed(weight, at));
        end = at + weight.length();
      }
    }
  }

  /**
   * Replaces the graph of a directory. The old one stays until all large constants of the new one
   * are on disk; the two are never mixed.
   *
   * @param maxInside up to this many bytes, all constants may stay in {@code model.onnx}
   */
  static void write(Graph graph, Path directory, long maxInside) throws IOException {
    new GraphFile(graph, directory, maxInside).write();
  }

  private void write() throws IOException {
    if (outside.isEmpty()) {
      AtomicFile.write(model, this::writeModel);
      Files.deleteIfExists(data); // of the graph that was there
      return;
    }
    AtomicFile.write(
        data,
        channel -> {
          write(channel, outside);
          DurableFiles.deleteIfExists(model);
        });
    AtomicFile.write(model, this::writeModel);
  }

  private void writeModel(FileChannel channel) throws IOException {
    Protobuf structure = new Protobuf().append(graph.toByteArray());
    outside.forEach(placed -> structure.message(5, described(placed)));
    List<byte[]> heads = new ArrayList<>();
    long length = structure.toByteArray().length;
    for (Weight weight : inside) {
      byte[] tensor = described(weight).announce(9, weight.length()).toByteArray();
      Protobuf head = new Protobuf().announce(5, tensor.length + weight.length()).append(tensor);
      heads.add(head.toByteArray());
      length += heads.get(heads.size() - 1).length + weight.length();
    }
    Protobuf file = new Protobuf().number(1, IR_VERSION).text(2, "FundamentaLLM");
    file.message(8, new Protobuf().text(1, "").number(2, OPSET));
    file.message(8, new Protobuf().text(1, Operator.MICROSOFT).number(2, 1));
    file.announce(7, length).append(structure.toByteArray());
    long at = write(channel, 0, file.toByteArray());
    List<Placed> placed = new ArrayList<>();
    for (int i = 0; i < inside.size(); i++) {
      at = write(channel, at, heads.get(i));
      placed.add(new Placed(inside.get(i), at));
      at += inside.get(i).length();
    }
    write(channel, placed);
  }

  private static long write(FileChannel channel, long at, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer, at + buffer.position());
    }
    return at + bytes.length;
  }

  private static void write(FileChannel channel, List<Placed> placed) throws IOException {
    ByteBuffer buffer = Region.buffer();
    for (Placed one : placed) {
      Weight weight = one.weight;
      weight.content().write(new Region(channel, one.at, weight.length(), buffer));
    }
  }

  private static Protobuf described(Weight weight) {
    Protobuf tensor = new Protobuf();
    weight.shape().forEach(size -> tensor.number(1, size));
    return tensor.number(2, weight.type().number).text(8, weight.name());
  }

  private static Protobuf described(Placed placed) {
    Protobuf tensor = described(placed.weight);
    tensor.message(13, pair("location", DATA));
    tensor.message(13, pair("offset", Long.toString(placed.at)));
    tensor.message(13, pair("length", Long.toString(placed.weight.length())));
    return tensor.number(14, 1);
  }

  private static Protobuf pair(String key, String value) {
    return new Protobuf().text(1, key).text(2, value);
  }
}
