package com.ytempire.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Temporary folders for the data of engines that live no longer than this JVM. They are deleted
 * when the JVM ends; those of a JVM that was killed are deleted by the next one that asks for a
 * folder, which also ends the engines that the killed one left running.
 *
 * <p>All folders of a JVM are in one, beside a file of the same name that the JVM holds a lock on.
 * The operating system releases the lock however the JVM ends, so a folder whose lock is free has
 * no owner. Safe to share between threads and processes.
 */
public final class ScratchFolder {
  private static final String PREFIX = "ytempire-scratch-";
  private static final String LOCK = ".lock";

  /** The most folders that one start deletes, so that it is never held up for long. */
  static final int SWEPT_AT_MOST = 64;

  /** How long engines that are being stopped as the JVM ends may take before they are killed. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private static @Nullable Path own;
  private static @Nullable FileChannel ownLock;

  private ScratchFolder() {}

  /**
   * Creates an empty folder, which is deleted when this JVM ends.
   *
   * @param name what it is for; its name begins so
   * @throws UncheckedIOException if the system's temporary folder cannot be written to
   */
  public static Path create(String name) {
    try {
      return Files.createTempDirectory(ofThisProcess(), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static synchronized Path ofThisProcess() throws IOException {
    Path folder = own;
    if (folder == null) {
      Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
      sweep(temporary);
      // Locked before there is a folder: a folder without a locked file is nobody's.
      Path lock = Files.createTempFile(temporary, PREFIX, LOCK);
      ownLock = FileChannel.open(lock, StandardOpenOption.WRITE);
      var _ = ownLock.lock();
      folder = Files.createDirectory(folderOf(lock));
      Runtime.getRuntime().addShutdownHook(new Thread(ScratchFolder::deleteOwn));
      own = folder;
    }
    return folder;
  }

  private static Path folderOf(Path lock) {
    String name = lock.getFileName().toString();
    return lock.resolveSibling(name.substring(0, name.length() - LOCK.length()));
  }

  private static synchronized void deleteOwn() {
    Path folder = own;
    if (folder != null) {
      try {
        // The engines' own hooks stop them meanwhile.
        FolderProcesses.end(folder, STOP_TIMEOUT);
        delete(folder);
        Files.deleteIfExists(folder.resolveSibling(folder.getFileName() + LOCK));
      } catch (IOException e) {
        System.err.println(folder + " was not deleted: " + e);
      }
    }
  }

  /**
   * Deletes folders whose owner has ended, at most {@value #SWEPT_AT_MOST}, and ends the engines
   * that still run in them. Leaves what belongs to another account, and what cannot be deleted.
   *
   * @param temporary where the folders are
   * @return how many were deleted
   */
  public static int sweep(Path temporary) {
    int swept = 0;
    try (Stream<Path> all = Files.list(temporary)) {
      List<Path> folders =
          all.filter(path -> path.getFileName().toString().startsWith(PREFIX))
              .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
              .filter(path -> !path.equals(own))
              .toList();
      for (Path folder : folders) {
        if (swept < SWEPT_AT_MOST && deleteIfAbandoned(folder)) {
          swept++;
        }
      }
    } catch (IOException e) {
      System.err.println("what earlier runs left in " + temporary + " stays: " + e);
    }
    return swept;
  }

  private static boolean deleteIfAbandoned(Path folder) {
    Path lock = folder.resolveSibling(folder.getFileName() + LOCK);
    try {
      UserPrincipal account = Files.getOwner(Path.of("/proc/self"));
      if (!Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(account)) {
        return false;
      }
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
        FileLock held = channel.tryLock();
        if (held == null) {
          return false;
        }
        FolderProcesses.end(folder, Duration.ZERO);
        delete(folder);
        Files.deleteIfExists(lock);
        return true;
      }
    } catch (OverlappingFileLockException e) {
      // Another thread of this JVM is deleting it.
      return false;
    } catch (NoSuchFileException e) {
      // Another process has deleted it meanwhile.
      return false;
    } catch (IOException e) {
      System.err.println(folder + " of an earlier run was not deleted: " + e);
      return false;
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
