package dev.imageshare.site;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A folder that has a site. Each file takes the place of the former one at once, so a web server may serve it meanwhile; what
 * the site no longer has is deleted. Files that it didn't write itself are left alone: it keeps a list.
 */
public final class SiteDirectory {

    /** The names of the files that were written. */
    private static final String LIST = ".imageshare-site";

    private static final Pattern PATH = Pattern.compile("([a-z]{1,20}/)?[a-z0-9-]{1,80}\\.[a-z]{2,5}");

    private final Path folder;

    public SiteDirectory(Path folder) {
        this.folder = folder;
    }

    /** Whether something is in it that isn't a site. */
    public boolean isForeign() throws IOException {
        if (!Files.exists(folder) || Files.exists(folder.resolve(LIST))) {
            return false;
        }
        try (var files = Files.list(folder)) {
            return files.findAny().isPresent();
        }
    }

    /**
     * Writes all files.
     *
     * @param files by their paths from the folder
     * @param threads how many are written at once
     */
    public void write(Map<String, SiteFile> files, int threads) throws IOException {
        Files.createDirectories(folder);
        var former = listed();
        var all = new TreeSet<>(former);
        all.addAll(files.keySet());
        list(all); // one that is killed knows afterwards what it has begun
        for (var parent :
                files.keySet().stream().map(path -> file(path).getParent()).collect(Collectors.toSet())) {
            Files.createDirectories(parent);
        }
        writeAll(files, threads);
        for (var path : former) {
            if (!files.containsKey(path)) {
                Files.deleteIfExists(file(path));
            }
        }
        list(files.keySet());
    }

    private void writeAll(Map<String, SiteFile> files, int threads) throws IOException {
        var pool = Executors.newFixedThreadPool(threads, task -> {
            var thread = new Thread(task, "site");
            thread.setDaemon(true);
            return thread;
        });
        try {
            var writing = new ArrayList<Future<?>>();
            files.forEach((path, file) -> writing.add(pool.submit(() -> {
                write(path, file);
                return null;
            })));
            for (var each : writing) {
                each.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private void write(String path, SiteFile file) throws IOException {
        var target = file(path);
        var making = target.resolveSibling("." + target.getFileName() + ".new");
        try (var out = Files.newOutputStream(making)) {
            file.writeTo(out);
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
        Files.move(making, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Path file(String path) {
        if (!PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("not a path of a site: " + path);
        }
        return folder.resolve(path);
    }

    private List<String> listed() throws IOException {
        var list = folder.resolve(LIST);
        return Files.exists(list)
                ? Files.readAllLines(list).stream()
                        .filter(path -> PATH.matcher(path).matches())
                        .toList()
                : List.of();
    }

    private void list(Collection<String> paths) throws IOException {
        Files.write(folder.resolve(LIST), new TreeSet<>(paths));
    }
}
