Console.WriteLine("see bench/run.sh");
