package io.fundamentallm.hub;

import java.util.regex.Pattern;

/** Names of repositories and revisions, checked before they become part of an address or a path. */
final class RepositoryName {
  private static final Pattern NAME =
      Pattern.compile("[0-9A-Za-z_][0-9A-Za-z_.-]{0,95}(/[0-9A-Za-z_][0-9A-Za-z_.-]{0,95})?");
  private static final Pattern REVISION =
      Pattern.compile("[0-9A-Za-z_][0-9A-Za-z_.-]*(/[0-9A-Za-z_][0-9A-Za-z_.-]*)*");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  private RepositoryName() {}

  static String check(String name) {
    if (!NAME.matcher(name).matches() || name.contains("..")) {
      throw new IllegalArgumentException(
          "\""
              + name
              + "\" is no name of a model on the hub: expected owner/name, such as"
              + " Qwen/Qwen3-0.6B");
    }
    return name;
  }

  static String checkRevision(String revision) {
    if (!REVISION.matcher(revision).matches() || revision.contains("..")) {
      throw new IllegalArgumentException(
          "\""
              + revision
              + "\" is no revision: expected a branch, a tag or the 40 digits of a"
              + " commit");
    }
    return revision;
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }
}
