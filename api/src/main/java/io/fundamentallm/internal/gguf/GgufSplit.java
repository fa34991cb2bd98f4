package io.fundamentallm.internal.gguf;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a GGUF file that is one of several with the tensors of one model, as llama.cpp's
 * gguf-split gives it: {@code name-00001-of-00003.gguf}. The first has the keys of all.
 *
 * @param prefix the file without what is numbered
 * @param number from 1 to count
 */
public record GgufSplit(Path prefix, int number, int count) {
  private static final Pattern NAME = Pattern.compile("(.*)-([0-9]{5})-of-([0-9]{5})\\.gguf");

  /** What the name of a file says; null if it is not the name of a part. */
  public static @Nullable GgufSplit of(Path file) {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    if (!name.matches()) {
      return null;
    }
    int number = Integer.parseInt(name.group(2));
    int count = Integer.parseInt(name.group(3));
    Path prefix = file.resolveSibling(name.group(1));
    return number < 1 || number > count ? null : new GgufSplit(prefix, number, count);
  }

  /** The file of another part, from 1. */
  public Path part(int number) {
    String name = String.format(Locale.ROOT, "-%05d-of-%05d.gguf", number, count);
    return prefix.resolveSibling(prefix.getFileName() + name);
  }

  /** The files that are no later part of another. */
  public static List<Path> withoutLaterParts(List<Path> files) {
    return files.stream()
        .filter(
            file -> {
              GgufSplit split = of(file);
              return split == null || split.number == 1 || !files.contains(split.part(1));
            })
        .toList();
  }
}
