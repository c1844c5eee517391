@echo off
rem Windows: a double click
cd /d "%~dp0"
set PYTHONUTF8=1
for %%v in (3.13 3.12 3.11) do py -%%v -c "" 2>nul && (py -%%v install.py %* & pause & exit /b)
python install.py %*
if errorlevel 1 echo *** Install Python 3.11 to 3.13 first (perhaps the stick has it), then start again.
pause
