package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.internal.files.Uninterrupted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Keys and values of one session in a file: a header that says to what it belongs, then block by
 * block the positions that the session has written, last a CRC-32C of everything before. All
 * numbers are little-endian.
 *
 * <p>Files are untrusted: the header and the file's length are checked before anything is
 * allocated, and the checksum before the session is used.
 */
final class SessionFile {
  private static final long MAGIC = 0x32564B4D4C4C5546L; // "FULLMKV2"
  private static final int MAX_TEXT = 4000;
  private static final int CHECKSUM = 4;

  private final BlockBytes form;
  private final String owner;

  /**
   * For sessions of one model.
   *
   * @param owner what identifies model, cache and tokenizer
   */
  SessionFile(BlockBytes form, String owner) {
    this.form = form;
    this.owner = owner;
  }

  /** The header. */
  private byte[] header(int length) {
    byte[] text = owner.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(MAGIC)
        .putInt(length)
        .putInt(text.length)
        .put(text)
        .array();
  }

  /** How keys are rotated, and the tokens that may have to be read again. */
  private static byte[] state(CpuSession session) {
    int[] tokens = session.tokens();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (2 + tokens.length));
    bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(session.rotation()).putInt(tokens.length);
    bytes.asIntBuffer().put(tokens);
    return bytes.array();
  }

  private static int positions(int length, int block) {
    return Math.min(KvBlock.POSITIONS, length - block * KvBlock.POSITIONS);
  }

  private static int blocks(int length) {
    return (length + KvBlock.POSITIONS - 1) / KvBlock.POSITIONS;
  }

  /** Replaces a file as a whole; it says what was read, so nobody but its owner reads it. */
  void write(Path file, CpuSession session) throws IOException {
    int length = session.length();
    AtomicFile.writePrivate(
        file,
        channel -> {
          CRC32C checksum = new CRC32C();
          write(channel, header(length), checksum);
          write(channel, state(session), checksum);
          for (int i = 0; i < blocks(length); i++) {
            int positions = positions(length, i);
            byte[] bytes = new byte[form.size(positions)];
            form.write(session.block(i), positions, little(bytes));
            write(channel, bytes, checksum);
          }
          byte[] end = new byte[CHECKSUM];
          little(end).putInt((int) checksum.getValue());
          write(channel, end, checksum);
        });
  }

  private static void write(FileChannel channel, byte[] bytes, CRC32C checksum) throws IOException {
    checksum.update(bytes);
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Fills an empty session.
   *
   * @throws IOException when the file is torn or foreign; then the session is still empty
   */
  void read(Path file, CpuSession session) throws IOException {
    Uninterrupted.read(
        () -> {
          try (FileChannel channel = FileChannel.open(file)) {
            boolean done = false;
            try {
              read(file, channel, session);
              done = true;
            } finally {
              if (!done) {
                session.truncate(0);
              }
            }
          }
          return file;
        });
  }

  private void read(Path file, FileChannel channel, CpuSession session) throws IOException {
    CRC32C checksum = new CRC32C();
    ByteBuffer start = little(read(file, channel, Long.BYTES + 2 * Integer.BYTES, checksum));
    if (start.getLong() != MAGIC) {
      throw new IOException(file + ": is no saved session of this version of the runtime");
    }
    int length = start.getInt();
    int size = start.getInt();
    if (size < 0 || size > MAX_TEXT) {
      throw new IOException(file + ": at byte 12 a text of " + size + " bytes is announced");
    }
    String written = new String(read(file, channel, size, checksum), StandardCharsets.UTF_8);
    if (!written.equals(owner)) {
      throw new IOException(
          file
              + ": belongs to another model or tokenizer: it is of "
              + written
              + ", this is "
              + owner);
    }
    if (length < 0 || length > session.model().info().contextLength()) {
      throw new IOException(file + ": at byte 8 " + length + " tokens are announced");
    }
    ByteBuffer state = little(read(file, channel, 2 * Integer.BYTES, checksum));
    int rotation = state.getInt();
    int count = state.getInt();
    if (count != 0 && count != length) {
      throw new IOException(file + ": " + count + " of " + length + " tokens are announced");
    }
    long expected = start.capacity() + (long) size + state.capacity() + 4L * count + CHECKSUM;
    for (int i = 0; i < blocks(length); i++) {
      expected += form.size(positions(length, i));
    }
    if (channel.size() != expected) {
      throw new IOException(
          file
              + ": has "
              + channel.size()
              + " bytes, a session of "
              + length
              + " tokens has "
              + expected);
    }
    int[] tokens = new int[count];
    little(read(file, channel, Integer.BYTES * count, checksum)).asIntBuffer().get(tokens);
    for (int token : tokens) {
      if (token < 0 || token >= session.model().info().vocabularySize()) {
        throw new IOException(file + ": is torn, it has a token " + token);
      }
    }
    session.makeRoom(length);
    if (!session.restore(length, tokens, rotation)) {
      throw new IOException(file + ": is torn, its keys are rotated in no known way");
    }
    for (int i = 0; i < blocks(length); i++) {
      int positions = positions(length, i);
      byte[] bytes = read(file, channel, form.size(positions), checksum);
      form.read(session.block(i), positions, little(bytes));
    }
    int computed = (int) checksum.getValue();
    if (little(read(file, channel, CHECKSUM, checksum)).getInt() != computed) {
      throw new IOException(file + ": is torn, its checksum is not that of its bytes");
    }
  }

  private static byte[] read(Path file, FileChannel channel, int count, CRC32C checksum)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException(file + ": ends at byte " + channel.size() + ", in the middle");
      }
    }
    checksum.update(buffer.array());
    return buffer.array();
  }
}
