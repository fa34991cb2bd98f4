package io.fundamentallm.internal.report;

import io.fundamentallm.internal.protobuf.Protobuf;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * One of TensorBoard's event files: TensorFlow's TFRecords, each a protobuf {@code Event}
 * (tensorflow/core/util/event.proto). A record is its length, a checksum of the length, the data, a
 * checksum of the data. Each is written at once, so a reader sees whole records or an unfinished
 * last one, which TensorBoard waits for. One thread at a time.
 */
public final class EventFile implements Closeable {
  // fields of Event
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;

  // fields of Summary and its Value
  private static final int VALUE = 1;
  private static final int TAG = 1;
  private static final int SIMPLE_VALUE = 2;
  private static final int TENSOR = 8;
  private static final int METADATA = 9;

  private static final int DT_STRING = 7;
  private static final int SESSION_START = 1;

  /** TensorFlow's constant for checksums of data that hold checksums themselves. */
  private static final int MASK = 0xa282ead8;

  private final FileChannel channel;

  private EventFile(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Begins a file beside those that are there. TensorBoard reads those of a directory in the order
   * of their names, which begin with the time.
   *
   * @param millis since 1970
   */
  public static EventFile create(Path directory, long millis) throws IOException {
    Files.createDirectories(directory);
    long process = ProcessHandle.current().pid();
    for (int i = 0; ; i++) {
      Path file =
          directory.resolve(
              String.format(
                  Locale.ROOT,
                  "events.out.tfevents.%010d.fundamentallm.%d.%03d",
                  millis / 1000,
                  process,
                  i));
      try {
        return begin(
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            millis);
      } catch (FileAlreadyExistsException e) {
        // another of this second
      }
    }
  }

  private static EventFile begin(FileChannel channel, long millis) throws IOException {
    try {
      EventFile events = new EventFile(channel);
      events.record(event(millis, 0).text(FILE_VERSION, "brain.Event:2"));
      return events;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Tells readers to forget what earlier files have of this step and those after it. */
  public void restart(long millis, long step) throws IOException {
    record(event(millis, step).message(SESSION_LOG, new Protobuf().number(1, SESSION_START)));
  }

  /** The values of one step. */
  public Values at(long millis, long step) {
    return new Values(event(millis, step));
  }

  /** What is written of a step. */
  public final class Values {
    private final Protobuf event;
    private final Protobuf summary = new Protobuf();

    private Values(Protobuf event) {
      this.event = event;
    }

    /** A number; one that is not finite is left out. */
    public Values scalar(String tag, double value) {
      if (Double.isFinite(value)) {
        summary.message(VALUE, new Protobuf().text(TAG, tag).real(SIMPLE_VALUE, (float) value));
      }
      return this;
    }

    /**
     * A text.
     *
     * @param markdown as TensorBoard shows it
     */
    public Values text(String tag, String markdown) {
      Protobuf plugin = new Protobuf().text(1, "text");
      Protobuf shape = new Protobuf().message(2, new Protobuf().number(1, 1)); // one dimension of 1
      Protobuf tensor = new Protobuf().number(1, DT_STRING).message(2, shape).text(8, markdown);
      summary.message(
          VALUE,
          new Protobuf()
              .text(TAG, tag)
              .message(TENSOR, tensor)
              .message(METADATA, new Protobuf().message(1, plugin)));
      return this;
    }

    /** Writes them. */
    public void write() throws IOException {
      record(event.message(SUMMARY, summary));
    }
  }

  private static Protobuf event(long millis, long step) {
    return new Protobuf().real(WALL_TIME, millis / 1000.0).number(STEP, step);
  }

  private void record(Protobuf event) throws IOException {
    byte[] data = event.toByteArray();
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(checksum(record.array(), 0, Long.BYTES));
    record.put(data);
    record.putInt(checksum(data, 0, data.length));
    record.flip();
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  private static int checksum(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
