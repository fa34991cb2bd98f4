package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.internal.directory.VocabularyFit;
import io.fundamentallm.internal.gguf.GgufInput;
import io.fundamentallm.internal.gguf.GgufMetadata;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A tokenizer's part of a model's file. It comes as a GGUF file without tensors, which the
 * tokenizer writes; its keys are taken over byte by byte.
 */
final class TokenizerKeys {
  /** Magic, version, and the numbers of tensors and keys. */
  private static final int HEADER = 24;

  private static final String PREFIX = "tokenizer.ggml.";
  private static final String SUFFIX = "_token_id";

  private TokenizerKeys() {}

  /**
   * Adds the keys of a tokenizer, and tokens that end a text of which only the model knows:
   * llama.cpp has room for three.
   */
  static void add(Tokenizer tokenizer, ModelFiles files, MetadataWriter keys) throws IOException {
    // the file has a token for each row, so nobody could see it later
    VocabularyFit.require(tokenizer.vocabulary().size(), files.config().vocabularySize());
    Path own = Files.createTempFile("tokenizer", ".gguf");
    try {
      tokenizer.saveGguf(own, files.config().vocabularySize());
      try (FileChannel channel = FileChannel.open(own)) {
        GgufInput in = new GgufInput(own, channel);
        if (GgufMetadata.header(in).tensors() != 0) {
          throw new IOException(own + ": a tokenizer's file has tensors");
        }
        Map<String, Object> ids =
            GgufMetadata.keys(in, key -> key.startsWith(PREFIX) && key.endsWith(SUFFIX), 0, 0);
        byte[] all = Files.readAllBytes(own);
        byte[] section = Arrays.copyOfRange(all, HEADER, Math.toIntExact(in.at()));
        keys.append(section, count(all));
        addMissing(ids, files, keys);
      }
    } finally {
      Files.deleteIfExists(own);
    }
  }

  private static long count(byte[] file) {
    return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(16);
  }

  private static void addMissing(Map<String, Object> ids, ModelFiles files, MetadataWriter keys) {
    if (files.begin().isPresent() && !ids.containsKey(PREFIX + "bos" + SUFFIX)) {
      keys.number(PREFIX + "bos" + SUFFIX, files.begin().getAsInt());
    }
    List<String> free = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    files.end().forEach(id -> ends.add((long) id));
    for (String kind : List.of("eos", "eot", "eom")) {
      Object known = ids.get(PREFIX + kind + SUFFIX);
      if (known == null) {
        free.add(PREFIX + kind + SUFFIX);
      } else {
        ends.remove(known);
      }
    }
    for (int i = 0; i < Math.min(free.size(), ends.size()); i++) {
      keys.number(free.get(i), ends.get(i));
    }
  }
}
