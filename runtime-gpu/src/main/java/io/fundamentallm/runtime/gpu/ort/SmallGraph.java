package io.fundamentallm.runtime.gpu.ort;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.fundamentallm.internal.protobuf.Protobuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph of our own, on the device of a model; loaded when it first runs. Field numbers are those
 * of onnx.proto. Thread-safe.
 */
public final class SmallGraph implements AutoCloseable {
  /** Enough for all of them, and read by all versions of ONNX Runtime in use. */
  private static final int OPSET = 17;

  private static final int IR_VERSION = 8;

  private final Engine engine;
  private final byte[] model;
  private @Nullable OrtSession session; // guarded by this

  public SmallGraph(Engine engine, Protobuf graph) {
    this.engine = engine;
    this.model =
        new Protobuf()
            .number(1, IR_VERSION)
            .message(7, graph)
            .message(8, new Protobuf().text(1, "").number(2, OPSET))
            .toByteArray();
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
  public static Protobuf value(String name, OnnxJavaType type) {
    Protobuf tensor = new Protobuf().number(1, number(type));
    return new Protobuf().text(1, name).message(2, new Protobuf().message(1, tensor));
  }

  public void run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
      throws OrtException {
    session().run(inputs, outputs).close();
  }

  private synchronized OrtSession session() throws OrtException {
    if (session == null) {
      session = engine.small(model);
    }
    return session;
  }

  @Override
  public synchronized void close() {
    if (session != null) {
      try {
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException("ONNX Runtime could not close a session", e);
      }
      session = null;
    }
  }
}
