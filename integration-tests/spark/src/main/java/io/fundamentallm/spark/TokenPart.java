package io.fundamentallm.spark;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.OptionalInt;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.sql.Row;

/** Writes the texts of one partition as a file of tokens. One thread at a time. */
final class TokenPart {
  private final Tokenizer tokenizer;
  private final OptionalInt begin;
  private final OptionalInt end;
  private final int width;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);

  TokenPart(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    Vocabulary vocabulary = tokenizer.vocabulary();
    begin = tokenizer.beginToken();
    end = vocabulary.eos();
    width = vocabulary.size() <= 1 << Short.SIZE ? Short.BYTES : Integer.BYTES;
  }

  /**
   * Writes the file, unless there is no text.
   *
   * @param text where the texts are
   * @return how many tokens it has
   */
  long write(Iterator<Row> rows, ColumnPath text, Path file) throws IOException {
    Iterator<String> texts =
        StreamSupport.stream(Spliterators.spliteratorUnknownSize(rows, 0), false)
            .flatMap(row -> Stream.ofNullable(text.text(row)))
            .iterator();
    if (!texts.hasNext()) {
      return 0;
    }
    long[] count = {0};
    AtomicFile.write(
        file,
        channel -> {
          buffer.clear();
          boolean first = true;
          while (texts.hasNext()) {
            count[0] += document(texts.next(), first, channel);
            first = false;
          }
          flush(channel);
        });
    return count[0];
  }

  /** If the begin and end tokens are the same, only one separates two documents. */
  private int document(String text, boolean first, FileChannel channel) throws IOException {
    int[] tokens = tokenizer.encode(text);
    int count = tokens.length;
    if (begin.isPresent() && (first || !begin.equals(end))) {
      put(begin.getAsInt(), channel);
      count++;
    }
    for (int token : tokens) {
      put(token, channel);
    }
    if (end.isPresent()) {
      put(end.getAsInt(), channel);
      count++;
    }
    return count;
  }

  private void put(int token, FileChannel channel) throws IOException {
    if (buffer.remaining() < width) {
      flush(channel);
    }
    if (width == Integer.BYTES) {
      buffer.putInt(token);
    } else {
      buffer.putShort((short) token);
    }
  }

  private void flush(FileChannel channel) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }
}
