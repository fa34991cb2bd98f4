package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;

/** What graphs of our own have in common. Field numbers are those of onnx.proto. */
final class SmallGraph {
  /** Enough for all of them, and read by all versions of ONNX Runtime in use. */
  private static final int OPSET = 17;

  private static final int IR_VERSION = 8;

  private SmallGraph() {}

  /** A model's file. */
  static byte[] model(Protobuf graph) {
    return new Protobuf()
        .number(1, IR_VERSION)
        .message(7, graph)
        .message(8, new Protobuf().text(1, "").number(2, OPSET))
        .toBytes();
  }

  /** The number of a type, in onnx.proto as in ONNX Runtime's C interface. */
  static int number(OnnxJavaType type) {
    return switch (type) {
      case FLOAT -> 1;
      case INT32 -> 6;
      case INT64 -> 7;
      case FLOAT16 -> 10;
      case BFLOAT16 -> 16;
      default -> throw new IllegalArgumentException("no decoder has " + type);
    };
  }

  /** An input or output of any shape. */
  static Protobuf value(String name, OnnxJavaType type) {
    Protobuf tensor = new Protobuf().number(1, number(type));
    return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
  }

  static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime could not close a session", e);
    }
  }
}
