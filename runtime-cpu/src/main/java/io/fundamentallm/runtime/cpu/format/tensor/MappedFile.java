package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.internal.files.GitLfsPointer;
import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.internal.files.Uninterrupted;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Little-endian numbers anywhere in a file of any length, mapped for reading in windows. Several
 * threads may read at once. The garbage collector unmaps the windows some time after closing.
 */
public final class MappedFile implements Closeable {
  /** A buffer holds at most 2 GiB; a window is half of that, plus the overlap. */
  private static final int WINDOW_BITS = 30;

  /** Windows overlap by more than the largest block of a quantised format, 210 bytes. */
  private static final int OVERLAP = 256;

  /**
   * A section of the file.
   *
   * @param bytes its bytes
   * @param floats all floats that begin at byte 0, 4, 8…; 1, 5, 9…; and so on
   * @param shorts all shorts that begin at an even byte, and at an odd one
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Window(ByteBuffer bytes, FloatBuffer[] floats, ShortBuffer[] shorts) {
    static Window of(ByteBuffer bytes) {
      FloatBuffer[] floats = new FloatBuffer[Float.BYTES];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = from(bytes, i).asFloatBuffer();
      }
      ShortBuffer[] shorts = {from(bytes, 0).asShortBuffer(), from(bytes, 1).asShortBuffer()};
      return new Window(bytes, floats, shorts);
    }

    private static ByteBuffer from(ByteBuffer bytes, int at) {
      int begin = Math.min(at, bytes.capacity());
      return bytes.slice(begin, bytes.capacity() - begin).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private final Path path;
  private final FileChannel channel;
  private final long size;
  private final int bits;
  private final AtomicReferenceArray<@Nullable Window> windows;
  private volatile @Nullable ReadProgress progress;

  private MappedFile(Path path, FileChannel channel, int bits) throws IOException {
    this.path = path;
    this.channel = channel;
    this.bits = bits;
    size = channel.size();
    windows = new AtomicReferenceArray<>(Math.toIntExact((size >>> bits) + 1));
  }

  /**
   * Opens a file.
   *
   * @throws IOException when it cannot be opened, or is a pointer of Git LFS
   */
  public static MappedFile open(Path path) throws IOException {
    GitLfsPointer.refuse(path);
    return open(path, WINDOW_BITS);
  }

  /** Opens a file with windows of 2^bits bytes. */
  public static MappedFile open(Path path, int bits) throws IOException {
    ReadablePath.requireFile(path);
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new MappedFile(path, channel, bits);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  Path path() {
    return path;
  }

  public FileChannel channel() {
    return channel;
  }

  public long size() {
    return size;
  }

  /** Lets all numbers be counted that are read from now on. */
  void count(ReadProgress progress) {
    this.progress = progress;
  }

  private void counted(long bytes) {
    ReadProgress counter = progress;
    if (counter != null) {
      counter.add(bytes);
    }
  }

  /** Copies floats, the first of which begins at a byte of the file. */
  public void floats(long position, float[] into, int at, int count) throws IOException {
    try {
      for (int done = 0; done < count; ) {
        long from = position + (long) done * Float.BYTES;
        Window window = window(from);
        int offset = offset(from);
        FloatBuffer floats = window.floats[offset % Float.BYTES];
        int part = Math.min(count - done, floats.capacity() - offset / Float.BYTES);
        floats.get(offset / Float.BYTES, into, at + done, part);
        done += part;
      }
    } catch (InternalError e) {
      throw shortened(e);
    }
    counted((long) count * Float.BYTES);
  }

  /** Copies 16-bit numbers, the first of which begins at a byte of the file. */
  public void shorts(long position, short[] into, int count) throws IOException {
    try {
      for (int done = 0; done < count; ) {
        long from = position + (long) done * Short.BYTES;
        Window window = window(from);
        int offset = offset(from);
        ShortBuffer shorts = window.shorts[offset % Short.BYTES];
        int part = Math.min(count - done, shorts.capacity() - offset / Short.BYTES);
        shorts.get(offset / Short.BYTES, into, done, part);
        done += part;
      }
    } catch (InternalError e) {
      throw shortened(e);
    }
    counted((long) count * Short.BYTES);
  }

  /** Copies bytes. */
  public void bytes(long position, byte[] into, int count) throws IOException {
    try {
      for (int done = 0; done < count; ) {
        Window window = window(position + done);
        int offset = offset(position + done);
        int part = Math.min(count - done, window.bytes.capacity() - offset);
        window.bytes.get(offset, into, done, part);
        done += part;
      }
    } catch (InternalError e) {
      throw shortened(e);
    }
    counted(count);
  }

  private int offset(long position) {
    return (int) (position & ((1L << bits) - 1));
  }

  private Window window(long position) throws IOException {
    if (!channel.isOpen()) {
      throw new IOException(path + ": the file was closed before byte " + position + " was read");
    }
    int index = (int) (position >>> bits);
    Window window = windows.get(index);
    if (window == null) {
      long begin = (long) index << bits;
      long length = Math.min((1L << bits) + OVERLAP, size - begin);
      window = Window.of(Uninterrupted.read(() -> channel.map(MapMode.READ_ONLY, begin, length)));
      windows.set(index, window);
    }
    return window;
  }

  /** The exception for a mapped page that the file no longer has. */
  private IOException shortened(InternalError e) {
    return new IOException(path + ": the file became shorter while it was read", e);
  }

  @Override
  public void close() throws IOException {
    channel.close();
    for (int i = 0; i < windows.length(); i++) {
      windows.set(i, null);
    }
  }
}
