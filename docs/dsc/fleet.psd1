# The data of fleet.v2.ps1: fifty engines; every fifth is paired from here and polls from then on (Reverse).
@{
    DataPath       = '/var/lib/scanengineadmin'
    ConsoleAddress = 'console.example.org'
    Engines        = @(
        @{ Name = 'site-01'; Address = 'site-01.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-01' }
        @{ Name = 'site-02'; Address = 'site-02.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-02' }
        @{ Name = 'site-03'; Address = 'site-03.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-03' }
        @{ Name = 'site-04'; Address = 'site-04.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-04' }
        @{ Name = 'site-05'; Address = 'site-05.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-05' }
        @{ Name = 'site-06'; Address = 'site-06.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-06' }
        @{ Name = 'site-07'; Address = 'site-07.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-07' }
        @{ Name = 'site-08'; Address = 'site-08.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-08' }
        @{ Name = 'site-09'; Address = 'site-09.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-09' }
        @{ Name = 'site-10'; Address = 'site-10.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-10' }
        @{ Name = 'site-11'; Address = 'site-11.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-11' }
        @{ Name = 'site-12'; Address = 'site-12.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-12' }
        @{ Name = 'site-13'; Address = 'site-13.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-13' }
        @{ Name = 'site-14'; Address = 'site-14.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-14' }
        @{ Name = 'site-15'; Address = 'site-15.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-15' }
        @{ Name = 'site-16'; Address = 'site-16.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-16' }
        @{ Name = 'site-17'; Address = 'site-17.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-17' }
        @{ Name = 'site-18'; Address = 'site-18.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-18' }
        @{ Name = 'site-19'; Address = 'site-19.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-19' }
        @{ Name = 'site-20'; Address = 'site-20.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-20' }
        @{ Name = 'site-21'; Address = 'site-21.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-21' }
        @{ Name = 'site-22'; Address = 'site-22.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-22' }
        @{ Name = 'site-23'; Address = 'site-23.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-23' }
        @{ Name = 'site-24'; Address = 'site-24.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-24' }
        @{ Name = 'site-25'; Address = 'site-25.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-25' }
        @{ Name = 'site-26'; Address = 'site-26.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-26' }
        @{ Name = 'site-27'; Address = 'site-27.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-27' }
        @{ Name = 'site-28'; Address = 'site-28.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-28' }
        @{ Name = 'site-29'; Address = 'site-29.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-29' }
        @{ Name = 'site-30'; Address = 'site-30.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-30' }
        @{ Name = 'site-31'; Address = 'site-31.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-31' }
        @{ Name = 'site-32'; Address = 'site-32.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-32' }
        @{ Name = 'site-33'; Address = 'site-33.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-33' }
        @{ Name = 'site-34'; Address = 'site-34.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-34' }
        @{ Name = 'site-35'; Address = 'site-35.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-35' }
        @{ Name = 'site-36'; Address = 'site-36.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-36' }
        @{ Name = 'site-37'; Address = 'site-37.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-37' }
        @{ Name = 'site-38'; Address = 'site-38.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-38' }
        @{ Name = 'site-39'; Address = 'site-39.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-39' }
        @{ Name = 'site-40'; Address = 'site-40.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-40' }
        @{ Name = 'site-41'; Address = 'site-41.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-41' }
        @{ Name = 'site-42'; Address = 'site-42.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-42' }
        @{ Name = 'site-43'; Address = 'site-43.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-43' }
        @{ Name = 'site-44'; Address = 'site-44.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-44' }
        @{ Name = 'site-45'; Address = 'site-45.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-45' }
        @{ Name = 'site-46'; Address = 'site-46.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-46' }
        @{ Name = 'site-47'; Address = 'site-47.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-47' }
        @{ Name = 'site-48'; Address = 'site-48.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-48' }
        @{ Name = 'site-49'; Address = 'site-49.example.org'; Port = 40814; Direction = 'Standard'; SecretName = 'scanengine-site-49' }
        @{ Name = 'site-50'; Address = 'site-50.example.org'; Port = 40814; Direction = 'Reverse'; SecretName = 'scanengine-site-50' }
    )
}
