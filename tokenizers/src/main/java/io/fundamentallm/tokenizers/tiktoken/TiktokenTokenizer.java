package io.fundamentallm.tokenizers.tiktoken;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.model.Bpe;
import io.fundamentallm.tokenizers.model.BpeUnits;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import io.fundamentallm.tokenizers.pipeline.AddedTokens;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.pipeline.PipelineTokenizer;
import io.fundamentallm.tokenizers.pipeline.PostProcessor;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import io.fundamentallm.tokenizers.split.Scanners;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A tokenizer from a {@code .tiktoken} file and what is published for its name. */
public final class TiktokenTokenizer {
  /** The names that are known. */
  public static final List<String> ENCODINGS =
      List.of("r50k_base", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base", "o200k_harmony");

  private static final String SUFFIX = ".tiktoken";
  private static final String END = "<|endoftext|>";

  private TiktokenTokenizer() {}

  /** The file itself, or the only one of its kind in a directory. */
  public static Path file(Path path) throws IOException {
    return Pipeline.Files.find(path, SUFFIX);
  }

  /** The encoding that a file is named after, or otherwise what is before the suffix. */
  public static String encodingOf(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
  }

  private static Map<String, Integer> special(String encoding) {
    return switch (encoding) {
      case "r50k_base", "p50k_base" -> Map.of(END, 50256);
      case "p50k_edit" ->
          Map.of(
              END,
              50256,
              "<|fim_prefix|>",
              50281,
              "<|fim_middle|>",
              50282,
              "<|fim_suffix|>",
              50283);
      case "cl100k_base" ->
          Map.of(
              END,
              100257,
              "<|fim_prefix|>",
              100258,
              "<|fim_middle|>",
              100259,
              "<|fim_suffix|>",
              100260,
              "<|endofprompt|>",
              100276);
      case "o200k_base" -> Map.of(END, 199999, "<|endofprompt|>", 200018);
      case "o200k_harmony" -> harmony();
      default -> throw new IllegalArgumentException("unknown encoding " + encoding);
    };
  }

  /** As tiktoken 0.11 publishes them, including the reserved ones. */
  private static Map<String, Integer> harmony() {
    Map<String, Integer> special = new HashMap<>();
    for (int id = 200000; id < 201088; id++) {
      special.put("<|reserved_" + id + "|>", id);
    }
    for (int id : new int[] {200002, 200003, 200005, 200006, 200007, 200008, 200012, 200018}) {
      special.remove("<|reserved_" + id + "|>");
    }
    special.put("<|startoftext|>", 199998);
    special.put(END, 199999);
    special.put("<|return|>", 200002);
    special.put("<|constrain|>", 200003);
    special.put("<|channel|>", 200005);
    special.put("<|start|>", 200006);
    special.put("<|end|>", 200007);
    special.put("<|message|>", 200008);
    special.put("<|call|>", 200012);
    special.put("<|endofprompt|>", 200018);
    return special;
  }

  private static PreTokenizer scanner(String encoding) {
    return switch (encoding) {
      case "cl100k_base" -> Scanners.CL100K;
      case "o200k_base", "o200k_harmony" -> Scanners.O200K;
      default -> Scanners.GPT2;
    };
  }

  /** Reads a file. */
  public static Tokenizer read(Path file, String encoding) throws IOException {
    List<AddedToken> added = new ArrayList<>();
    Map<Integer, String> odd = new HashMap<>();
    TreeMap<Integer, String> special = new TreeMap<>();
    special(encoding).forEach((form, id) -> special.put(id, form));
    BitSet leftOut = new BitSet();
    ByteStrings.Builder builder = TiktokenFile.read(file, special, leftOut);
    int ranks = builder.size();
    for (Map.Entry<Integer, String> token : special.entrySet()) {
      int id = token.getKey();
      odd.put(id, token.getValue());
      added.add(AddedToken.special(id, token.getValue()));
      if (leftOut.get(id)) {
        continue;
      }
      if (id < builder.size()) {
        throw new IOException(
            file
                + ": "
                + encoding
                + " has "
                + token.getValue()
                + " as "
                + id
                + ", but here that is the rank of another token");
      }
      while (builder.size() < id) {
        // ids without a token still count
        builder.add(new byte[0], true);
      }
      builder.add(token.getValue().getBytes(StandardCharsets.UTF_8), true);
    }
    if (encoding.equals("o200k_harmony")) {
      added.add(AddedToken.special(200018, "<|reserved_200018|>")); // it has two names
    }
    ByteStrings strings = builder.build();
    requireDistinct(file, strings, ranks, leftOut);
    int[] bytes = new int[256];
    byte[] one = new byte[1 + ByteStrings.SLACK];
    for (int b = 0; b < 256; b++) {
      one[0] = (byte) b;
      bytes[b] = strings.find(one, 0, 1);
      if (bytes[b] < 0) {
        throw new IOException(file + String.format(": no token for the byte 0x%02X", b));
      }
    }
    Integer end = special(encoding).get(END);
    return new PipelineTokenizer(
        new Pipeline(
            new AddedTokens(added, Set.of(), null),
            null,
            scanner(encoding),
            new Bpe(strings, null, BpeUnits.bytes(bytes, -1, false), true),
            PostProcessor.none(),
            null,
            strings,
            new TokenForms(
                strings, true, odd, special.keySet(), new TokenForms.Roles(null, end, null, null)),
            Optional.empty(),
            EncodingOptions.plain(),
            new Files(strings, ranks, leftOut, encoding),
            encoding + " tokenizer, " + strings.size() + " tokens"));
  }

  private static void requireDistinct(Path file, ByteStrings strings, int ranks, BitSet leftOut)
      throws IOException {
    byte[] bytes = new byte[64];
    for (int rank = 0; rank < ranks; rank++) {
      int length = strings.length(rank);
      if (length + ByteStrings.SLACK > bytes.length) {
        bytes = new byte[2 * length + ByteStrings.SLACK];
      }
      strings.copy(rank, bytes, 0);
      int found = strings.find(bytes, 0, length);
      if (found != rank && !leftOut.get(rank)) {
        throw new IOException(
            file + ": the ranks " + found + " and " + rank + " have the same bytes");
      }
    }
  }

  private record Files(ByteStrings strings, int ranks, BitSet leftOut, String encoding)
      implements Pipeline.Files {
    @Override
    public void write(Path directory) throws IOException {
      TiktokenTokenizer.write(strings, ranks, leftOut, directory.resolve(encoding + SUFFIX));
    }

    @Override
    public GgufTokenizer gguf(Pipeline parts) {
      return TiktokenGguf.of(parts, ranks, leftOut);
    }
  }

  private static void write(ByteStrings strings, int ranks, BitSet leftOut, Path file)
      throws IOException {
    StringBuilder lines = new StringBuilder(ranks * 16);
    for (int id = 0; id < ranks; id++) {
      if (leftOut.get(id)) {
        continue;
      }
      lines.append(Base64.getEncoder().encodeToString(strings.bytes(id)));
      lines.append(' ').append(id).append('\n');
    }
    AtomicFile.write(file, StandardCharsets.US_ASCII.encode(lines.toString()));
  }
}
