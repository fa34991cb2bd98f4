package io.fundamentallm.runtime.gpu.ort;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What ONNX Runtime's C API can do and its Java API cannot: tensors in device memory, and in host
 * memory that the device can access. JNA calls the function table (OrtApi of onnxruntime_c_api.h)
 * that the Java API has loaded; reflection reaches handles and constructors that the Java API keeps
 * private. All of that is in this file. Thread-safe.
 */
public final class OrtApi implements AutoCloseable {
  // indices in the table, which only ever grows
  private static final int GET_ERROR_MESSAGE = 2;
  private static final int CREATE_TENSOR_AS_ORT_VALUE = 48;
  private static final int CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE = 49;
  private static final int GET_TENSOR_MUTABLE_DATA = 51;
  private static final int CREATE_MEMORY_INFO = 68;
  private static final int RELEASE_STATUS = 93;
  private static final int RELEASE_MEMORY_INFO = 94;
  private static final int RELEASE_VALUE = 96;
  private static final int CREATE_ALLOCATOR = 131;
  private static final int RELEASE_ALLOCATOR = 132;

  private static final int UINT8 = 2; // of ONNXTensorElementDataType

  private final Pointer table;
  private final Pointer memoryInfo;
  private final Pointer allocator;
  private final Constructor<OnnxTensor> tensors;
  private final Constructor<TensorInfo> infos;

  private OrtApi(OrtSession session, String memory, int id, int kind)
      throws ReflectiveOperationException {
    Field handle = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
    handle.setAccessible(true);
    table = new Pointer(handle.getLong(null));
    tensors = OnnxTensor.class.getDeclaredConstructor(long.class, long.class, TensorInfo.class);
    tensors.setAccessible(true);
    infos =
        TensorInfo.class.getDeclaredConstructor(
            long[].class, OnnxJavaType.class, OnnxTensorType.class);
    infos.setAccessible(true);
    Field ofSession = OrtSession.class.getDeclaredField("nativeHandle");
    ofSession.setAccessible(true);
    memoryInfo = created(CREATE_MEMORY_INFO, memory, 0, id, kind);
    try {
      allocator = created(CREATE_ALLOCATOR, new Pointer(ofSession.getLong(session)), memoryInfo);
    } catch (RuntimeException | Error e) {
      call(RELEASE_MEMORY_INFO, memoryInfo);
      throw e;
    }
  }

  /** The memory of a CUDA device. */
  static OrtApi cuda(OrtSession session, int device) {
    return open(session, "Cuda", device, 0);
  }

  /** Host memory that a CUDA device can access directly. */
  static OrtApi cudaPinned(OrtSession session) {
    return open(session, "CudaPinned", 0, -1);
  }

  /** The memory of the CPU's kernels: host memory. */
  static OrtApi cpu(OrtSession session) {
    return open(session, "Cpu", 0, 0);
  }

  private static OrtApi open(OrtSession session, String memory, int id, int kind) {
    try {
      return new OrtApi(session, memory, id, kind);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "this version of ONNX Runtime keeps its handles elsewhere; 1.29 is known to work", e);
    }
  }

  /** Native memory with a tensor's content, whose parts can be tensors too. */
  public final class Block {
    private final Pointer value;
    private final Pointer data;

    private Block(Pointer value) {
      this.value = value;
      try {
        this.data = created(GET_TENSOR_MUTABLE_DATA, value);
      } catch (RuntimeException | Error e) {
        call(RELEASE_VALUE, value);
        throw e;
      }
    }

    /**
     * A part of it as a tensor, to be closed by the caller before the block is freed.
     *
     * @param from bytes before it
     */
    public OnnxTensor tensor(OnnxJavaType type, long from, long... shape) {
      long bytes = type.size;
      for (long size : shape) {
        bytes = Math.multiplyExact(bytes, size);
      }
      Pointer part =
          created(
              CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE,
              memoryInfo,
              data.share(from),
              bytes,
              shape,
              (long) shape.length,
              SmallGraph.number(type));
      return wrapped(part, type, shape);
    }

    /** Its bytes, if they are in host memory. */
    public ByteBuffer bytes(int count) {
      return data.getByteBuffer(0, count);
    }

    public void free() {
      call(RELEASE_VALUE, value);
    }
  }

  /** Allocates; the content may be anything. */
  public Block allocate(long bytes) {
    return new Block(created(CREATE_TENSOR_AS_ORT_VALUE, allocator, new long[] {bytes}, 1L, UINT8));
  }

  private OnnxTensor wrapped(Pointer value, OnnxJavaType type, long... shape) {
    try {
      TensorInfo info = infos.newInstance(shape, type, OnnxTensorType.mapFromJavaType(type));
      return tensors.newInstance(Pointer.nativeValue(value), 0L, info);
    } catch (ReflectiveOperationException e) {
      call(RELEASE_VALUE, value);
      throw new IllegalStateException("ONNX Runtime's tensors cannot be made", e);
    }
  }

  /** Calls a function whose last argument takes what it creates. */
  private Pointer created(int function, Object... arguments) {
    PointerByReference result = new PointerByReference();
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = result;
    Pointer status = function(function).invokePointer(all);
    if (status != null) {
      String message = function(GET_ERROR_MESSAGE).invokeString(new Object[] {status}, false);
      call(RELEASE_STATUS, status);
      throw new IllegalStateException("ONNX Runtime: " + message);
    }
    return requireNonNull(result.getValue());
  }

  private void call(int function, Pointer argument) {
    function(function).invokeVoid(new Object[] {argument});
  }

  private Function function(int place) {
    return Function.getFunction(table.getPointer((long) place * Native.POINTER_SIZE));
  }

  @Override
  public void close() {
    call(RELEASE_ALLOCATOR, allocator);
    call(RELEASE_MEMORY_INFO, memoryInfo);
  }
}
