package io.fundamentallm.internal.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * A file channel that names the file when writing fails. The JDK's says "No space left on device"
 * but not where.
 */
final class NamedChannel extends FileChannel {
  private final Path file;
  private final FileChannel channel;

  /**
   * Closes the channel when it is closed.
   *
   * @param file the file's name in messages
   */
  NamedChannel(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  private interface Work<T> {
    T run() throws IOException;
  }

  private <T> T named(Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (IOException e) {
      if (e.getClass() != IOException.class) {
        throw e; // closed, interrupted: their types say enough
      }
      FileSystemException named =
          new FileSystemException(file.toString(), null, String.valueOf(e.getMessage()));
      named.initCause(e);
      throw named;
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return named(() -> channel.write(from));
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return named(() -> channel.write(from, offset, length));
  }

  @Override
  public int write(ByteBuffer from, long position) throws IOException {
    return named(() -> channel.write(from, position));
  }

  @Override
  public long transferFrom(ReadableByteChannel from, long position, long count) throws IOException {
    return named(() -> channel.transferFrom(from, position, count));
  }

  @Override
  public void force(boolean metaData) throws IOException {
    named(
        () -> {
          channel.force(metaData);
          return true;
        });
  }

  @Override
  public FileChannel truncate(long size) throws IOException {
    named(() -> channel.truncate(size));
    return this;
  }

  @Override
  public FileChannel position(long position) throws IOException {
    channel.position(position);
    return this;
  }

  @Override
  public long position() throws IOException {
    return channel.position();
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return channel.read(into);
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    return channel.read(into, offset, length);
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    return channel.read(into, position);
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel to) throws IOException {
    return channel.transferTo(position, count, to);
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    return channel.map(mode, position, size);
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) throws IOException {
    return channel.lock(position, size, shared);
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) throws IOException {
    return channel.tryLock(position, size, shared);
  }

  @Override
  protected void implCloseChannel() throws IOException {
    named(
        () -> {
          channel.close();
          return true;
        });
  }
}
