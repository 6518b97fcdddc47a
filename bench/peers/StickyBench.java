// Owns: Apache Kafka's sticky assignor, called as a consumer group leader calls it, on inputs of the
// benchmarks. java -cp <jars and classes> StickyBench <job> <answer>
//
// Job, big-endian ints: P, warm-up ms, timed ms, runs at least, instances at first, ranges, as often
// (from, to, owner), changes, as often the number of instances after the change.
// Answer: for each change the owner of each partition. Standard output: one JSON object with the
// milliseconds of each change, medians over the runs of the whole sequence.
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.internals.AbstractStickyAssignor;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.AppInfoParser;

public final class StickyBench {
    private static final String TOPIC = "messages";
    private static final int RUNS_MAX = 51;

    /** Reads what a member owns as the cooperative assignor does: from its subscription. */
    private static final class Sticky extends AbstractStickyAssignor {
        @Override
        public String name() {
            return "sticky";
        }

        @Override
        protected MemberData memberData(Subscription subscription) {
            return new MemberData(subscription.ownedPartitions(), subscription.generationId());
        }
    }

    /** What each change answered, and how long it took. */
    private record Round(List<Map<String, List<TopicPartition>>> answers, double[] ms) {}

    public static void main(String[] arguments) throws IOException {
        int partitions;
        int warmUpMs;
        int timedMs;
        int runsMin;
        List<List<TopicPartition>> owned;
        int[] changes;
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(Path.of(arguments[0]))))) {
            partitions = in.readInt();
            warmUpMs = in.readInt();
            timedMs = in.readInt();
            runsMin = in.readInt();
            owned = new ArrayList<>();
            for (int i = in.readInt(); i > 0; i--) owned.add(new ArrayList<>());
            for (int ranges = in.readInt(); ranges > 0; ranges--) {
                int from = in.readInt();
                int to = in.readInt();
                List<TopicPartition> of = owned.get(in.readInt());
                for (int p = from; p <= to; p++) of.add(new TopicPartition(TOPIC, p));
            }
            changes = new int[in.readInt()];
            for (int i = 0; i < changes.length; i++) changes[i] = in.readInt();
        }
        List<PartitionInfo> infos = new ArrayList<>();
        for (int p = 0; p < partitions; p++) {
            infos.add(new PartitionInfo(TOPIC, p, Node.noNode(), new Node[0], new Node[0]));
        }
        Map<String, List<PartitionInfo>> topics = Map.of(TOPIC, infos);
        Round last = null;
        long warmUpEnds = System.nanoTime() + warmUpMs * 1_000_000L;
        while (warmUpMs > 0 && System.nanoTime() < warmUpEnds) last = play(topics, owned, changes);
        List<double[]> runs = new ArrayList<>();
        long ends = System.nanoTime() + timedMs * 1_000_000L;
        while (runs.size() < runsMin || (System.nanoTime() < ends && runs.size() < RUNS_MAX)) {
            last = play(topics, owned, changes);
            runs.add(last.ms());
        }
        write(Path.of(arguments[1]), last, partitions);
        String ms = java.util.stream.IntStream.range(0, changes.length)
                .mapToObj(i -> Double.toString(median(runs.stream().mapToDouble(run -> run[i]).toArray())))
                .collect(Collectors.joining(","));
        System.out.printf(
                "{\"version\":\"%s\",\"java\":\"%s\",\"runs\":%d,\"ms\":[%s]}%n",
                AppInfoParser.getVersion(), System.getProperty("java.version"), runs.size(), ms);
    }

    private static Round play(
            Map<String, List<PartitionInfo>> topics, List<List<TopicPartition>> first, int[] changes) {
        List<Map<String, List<TopicPartition>>> answers = new ArrayList<>();
        double[] ms = new double[changes.length];
        List<List<TopicPartition>> owned = first;
        for (int i = 0; i < changes.length; i++) {
            var members = new HashMap<String, Sticky.Subscription>();
            for (int ordinal = 0; ordinal < changes[i]; ordinal++) {
                List<TopicPartition> own = ordinal < owned.size() ? owned.get(ordinal) : List.of();
                members.put(nameOf(ordinal), new Sticky.Subscription(List.of(TOPIC), null, own, 1, Optional.empty()));
            }
            var assignor = new Sticky();
            long started = System.nanoTime();
            Map<String, List<TopicPartition>> answer = assignor.assignPartitions(topics, members);
            ms[i] = (System.nanoTime() - started) / 1e6;
            answers.add(answer);
            owned = new ArrayList<>();
            for (int ordinal = 0; ordinal < changes[i]; ordinal++) owned.add(answer.get(nameOf(ordinal)));
        }
        return new Round(answers, ms);
    }

    private static void write(Path file, Round round, int partitions) throws IOException {
        try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (Map<String, List<TopicPartition>> answer : round.answers()) {
                int[] owners = new int[partitions];
                Arrays.fill(owners, -1);
                answer.forEach((name, own) -> {
                    int ordinal = Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
                    for (TopicPartition partition : own) owners[partition.partition()] = ordinal;
                });
                for (int owner : owners) out.writeInt(owner);
            }
        }
    }

    private static String nameOf(int ordinal) {
        return "instance-" + ordinal;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
