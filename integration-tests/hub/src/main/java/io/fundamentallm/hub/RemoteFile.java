package io.fundamentallm.hub;

import java.net.URI;
import java.util.regex.Pattern;

/**
 * A file of a repository at one commit.
 *
 * @param name its path in the repository, with slashes
 * @param at where its bytes are asked for, before any redirect
 * @param etag names the content: SHA-256 of large files, git's SHA-1 of small ones, both in
 *     hexadecimal digits
 * @param size in bytes, or -1 where the hub does not say
 */
record RemoteFile(String name, URI at, String etag, long size) {
  private static final Pattern ETAG = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._-]{0,127}");
  private static final Pattern SEGMENT = Pattern.compile("[^/\\\\:\\x00-\\x1f]+");

  /** Whether an etag may be the name of a file. */
  static boolean isSafeEtag(String etag) {
    return ETAG.matcher(etag).matches();
  }

  /** Whether a name from the hub stays inside the directory that it is resolved in. */
  static boolean isSafeName(String name) {
    for (String segment : name.split("/", -1)) {
      if (!SEGMENT.matcher(segment).matches() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }
}
